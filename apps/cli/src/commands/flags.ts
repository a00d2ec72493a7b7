/** Options that several commands share, and how a command loads what it does. */
import { fileURLToPath } from 'node:url';
import { type Command, Option } from 'commander';
import { wholeNumber } from '../usage.ts';

/** `.gatehouse` in the clone, from whatever folder the command is called. */
const DATA_FOLDER = fileURLToPath(new URL('../../../../.gatehouse', import.meta.url));
const MAX_PORT_OFFSET = 50_000;

export interface DataFlags {
  /** The platform's data folder. */
  readonly data: string;
}

export interface JsonFlags {
  readonly json: boolean;
}

export interface PortOffsetFlags {
  readonly portOffset: number;
}

/** How a command reaches a service as an operator: by the data folder, or by address and certificate. */
export interface OperatorFlags extends DataFlags {
  /** `HOST:PORT` of auth's gRPC listener. */
  readonly auth?: string;
  readonly tlsDir?: string;
}

export function dataFlag(): Option {
  return new Option('--data <dir>', 'data folder of the platform').default(
    DATA_FOLDER,
    '.gatehouse in the clone',
  );
}

export function jsonFlag(description = 'print JSON'): Option {
  return new Option('--json', description).default(false, 'text');
}

export function portOffsetFlag(description: string): Option {
  return new Option('--port-offset <n>', description)
    .argParser(wholeNumber({ min: 0, max: MAX_PORT_OFFSET }))
    .default(0);
}

export function adminFlag(): Option {
  return new Option(
    '--admin <port>',
    'admin port of a standalone gateway, instead of the platform’s',
  ).argParser(wholeNumber({ min: 1, max: 65_535 }));
}

/** @param service - `auth` or `core`: the service that operators call. */
export function withOperatorFlags(command: Command, service = 'auth'): Command {
  return command
    .addOption(dataFlag())
    .option(`--${service} <host:port>`, `${service} on another machine; needs --tls-dir`)
    .option(
      '--tls-dir <dir>',
      'key.pem, chain.pem and bundle.pem of spiffe://<trust domain>/operator',
    );
}

/**
 * An action whose module is loaded when it runs, so that help and usage errors cost nothing. It may
 * return an exit code.
 */
export function lazily<Args extends readonly unknown[]>(
  load: () => Promise<(...args: Args) => Promise<unknown>>,
) {
  return async (...args: Args): Promise<void> => {
    const run = await load();
    const code = await run(...args);
    process.exitCode = typeof code === 'number' ? code : 0;
  };
}
