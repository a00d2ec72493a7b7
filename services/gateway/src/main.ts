import { runService } from '@gatehouse/chassis';
import { buildGateway } from './app.ts';

await runService({ name: 'gateway', build: buildGateway });
