import { runService } from '@gatehouse/chassis';
import { build } from './app.ts';

await runService({ name: 'core', build });
