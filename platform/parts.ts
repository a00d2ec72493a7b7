/**
 * The whole system on one page: every process that `gatehouse up` starts, what it is for, where it
 * listens, what must be ready before it, and what it is told.
 *
 * Ports. What people and programs outside call: gateway 8080 (copies 8081 to 8089); the listeners of the
 * original wire and auth's well-known documents, core 8090, auth 8091, extension 8092 (a copy's is ten
 * further). Everything inside: 7400 to 7499, ten for each part, 7480 for the traces that the supervisor
 * keeps. A copy's ports follow those of the copy before it. `--port-offset N` is added to every one.
 */
export interface Part {
  readonly name: string;
  /** One line for people. */
  readonly what: string;
  /** The file that Node runs, from the root of the clone. Absent: Postgres, which is no Node program. */
  readonly main?: string;
  /** Listener → port of the first copy. `grpc` makes it an upstream; `admin` answers /readyz. */
  readonly ports: Readonly<Record<string, number>>;
  /** Listener → distance to the next copy's port. A part without it runs once. */
  readonly steps?: Readonly<Record<string, number>>;
  readonly maxCopies: number;
  /** Started when these are ready. All are stopped one by one, the last in the list first. */
  readonly needs: readonly string[];
  /** Has a database of its own: `gatehouse_<name>`, in DATABASE_URL. */
  readonly database?: true;
  /** Calls others with service tokens: it has a client of its name, with these scopes. */
  readonly clientScopes?: readonly string[];
  /** What it is told beside the settings that every part gets (`commonEnv`). */
  readonly env?: (at: Wiring) => Readonly<Record<string, string>>;
}

/** What parts are told of each other. */
export interface Wiring {
  readonly trustDomain: string;
  /** The port of a part's first copy, offset included. */
  port(part: string, listener: string): number;
  /** The base URL of a plain HTTP listener, of each copy of a part. */
  urls(part: string, listener: string): readonly string[];
  /** `auth=localhost:7410,…`: every gRPC listener of every copy. */
  readonly upstreams: string;
  readonly kekFile: string;
  /** Where the supervisor takes spans; absent where there is no trace view. */
  readonly traceView?: string;
  /** Absent where no demo users are made. */
  readonly bootstrapAdminEmail?: string;
}

/** The audience of access tokens in the embedded default: the edge, and nothing inside it. */
export const EDGE_AUDIENCE = 'https://edge.gatehouse.local';

export const POSTGRES: Part = {
  name: 'postgres',
  what: 'the databases, one for each service that keeps data',
  ports: { sql: 7490 },
  maxCopies: 1,
  needs: [],
};

/** Where the supervisor itself keeps the last traces in the embedded default; see traces/. */
export const TRACES_PORT = 7480;

/** The services, in the order in which they are listed to people. */
export const SERVICES: readonly Part[] = [
  {
    name: 'auth',
    what: 'accounts, log-in, sessions, keys; alone signs access tokens',
    main: 'services/auth/src/main.ts',
    ports: { http: 8091, grpc: 7410, admin: 7411, keys: 7412 },
    steps: { http: 10, grpc: 3, admin: 3, keys: 3 },
    maxCopies: 3,
    needs: ['postgres'],
    database: true,
    env: (at) => ({
      GATEHOUSE_KEK_FILE: at.kekFile,
      ...(at.bootstrapAdminEmail === undefined
        ? {}
        : { GATEHOUSE_BOOTSTRAP_ADMIN_EMAIL: at.bootstrapAdminEmail }),
    }),
  },
  {
    name: 'user',
    what: 'profiles, settings, interests',
    main: 'services/user/src/main.ts',
    ports: { grpc: 7420, admin: 7421 },
    steps: { grpc: 2, admin: 2 },
    maxCopies: 5,
    needs: ['postgres', 'auth'],
    database: true,
  },
  {
    name: 'board',
    what: 'posts and comments',
    main: 'services/board/src/main.ts',
    ports: { grpc: 7430, admin: 7431 },
    steps: { grpc: 2, admin: 2 },
    maxCopies: 5,
    needs: ['postgres', 'auth'],
    database: true,
  },
  {
    name: 'extension',
    what: 'the daily multiplier of an asset, and nicknames; speaks the original wire',
    main: 'services/extension/src/main.ts',
    ports: { http: 8092, admin: 7441 },
    steps: { http: 10, admin: 2 },
    maxCopies: 3,
    needs: ['postgres', 'auth'],
    database: true,
  },
  {
    name: 'core',
    what: 'assets and their history; the daily batch calls extension',
    main: 'services/core/src/main.ts',
    ports: { http: 8090, grpc: 7450, admin: 7451 },
    steps: { http: 10, grpc: 2, admin: 2 },
    maxCopies: 3,
    // Not extension: core serves people while that is away.
    needs: ['postgres', 'auth'],
    database: true,
    clientScopes: ['asset:update'],
    env: (at) => ({
      GATEHOUSE_HTTP_TARGETS: at
        .urls('extension', 'http')
        .map((url) => `extension=${url}`)
        .join(','),
      GATEHOUSE_TOKEN_URL: `http://127.0.0.1:${at.port('auth', 'http')}/oauth2/token`,
    }),
  },
  {
    name: 'gateway',
    what: 'the edge: verifies, mints passports, routes; owns no data',
    main: 'services/gateway/src/main.ts',
    ports: { http: 8080, admin: 7400 },
    steps: { http: 1, admin: 1 },
    maxCopies: 10,
    needs: ['auth'],
  },
];

/** What every service is told. Its own ports, certificate folder and database come on top. */
export function commonEnv(at: Wiring): Readonly<Record<string, string>> {
  return {
    GATEHOUSE_TRUST_DOMAIN: at.trustDomain,
    GATEHOUSE_BIND_ADDRESS: '127.0.0.1',
    GATEHOUSE_ISSUER: `http://127.0.0.1:${at.port('auth', 'http')}`,
    GATEHOUSE_EDGE_AUDIENCE: EDGE_AUDIENCE,
    GATEHOUSE_KEYS_URL: `https://localhost:${at.port('auth', 'keys')}`,
    GATEHOUSE_UPSTREAMS: at.upstreams,
    GATEHOUSE_SUPERVISED: '1',
    ...(at.traceView === undefined ? {} : { GATEHOUSE_TRACE_VIEW: at.traceView }),
  };
}
