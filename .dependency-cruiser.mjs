/**
 * The house as rules: who may import whom. `npm run check` cruises every module with them, and
 * tools/checks/house.test.ts shows for each rule that it bites.
 */

/** The libraries by level. An import goes to a lower level only; docs/adr/0001 says why. */
const LEVELS = [
  ['errors', 'contracts', 'tokens', 'runtime'],
  ['access', 'saga', 'wire'],
  ['postgres', 'balance', 'limits'],
  ['client', 'events'],
  ['chassis'],
  ['testing'],
];

// What runs in tests only. Production code is everything else.
const TEST_CODE = '(\\.test\\.ts$|/(test-support|fixtures)/|^tests/|^bench/|^packages/testing/)';

// For frameworks: entries of tokens beside its core.
const ADAPTERS = '^packages/tokens/src/adapters/';

// auth by capability. OAuth is a way to all of them; what is not a transport or its composition is a case,
// a rule or a store.
const CASES = '^services/auth/src/(?!oauth/|test-support/)[^/]+/';
const TRANSPORTS = [
  '^services/auth/src/.*[/-](grpc|http)\\.ts$',
  '^services/auth/src/[^/]+/(compose|local-gate)\\.ts$',
];
const WIRES = [
  '^(node:)?(http|https|http2|net|tls)$',
  '^(node_modules/)?(fastify|@fastify/[^/]+|@grpc/grpc-js)(/|$)',
  '^packages/chassis/src/(http|grpc)/',
];

const atOrAbove = (level) => LEVELS.slice(level).flat().join('|');

// A test may use packages/testing, though that stands above what it tests. Above the chassis there
// is nothing else, so the last two levels are held by `testing-only-in-tests`.
const levelRules = LEVELS.slice(0, -2).map((names, level) => ({
  name: `packages-level-${level}`,
  comment: `packages/{${names.join(',')}} import only lower levels`,
  severity: 'error',
  from: { path: `^packages/(${names.join('|')})/` },
  to: { path: `^packages/(${atOrAbove(level)})/`, pathNot: '^packages/($1|testing)/' },
}));

/**
 * The way of a request through the gateway, from left to right; `forward` has gRPC and HTTP below it. What
 * is beside the way (composition, the file, observation) may know all of it.
 */
const STAGES = ['receive', 'route', 'identify', 'limit', 'decide', 'mint', 'forward'];

const stageRules = STAGES.slice(0, -1).map((stage, index) => ({
  name: `gateway-stage-${stage}`,
  comment: 'a stage of the gateway imports only stages to its left',
  severity: 'error',
  from: { path: `^services/gateway/src/${stage}/`, pathNot: TEST_CODE },
  to: { path: `^services/gateway/src/(${STAGES.slice(index + 1).join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
const configuration = {
  forbidden: [
    ...levelRules,
    ...stageRules,
    {
      name: 'packages-have-a-level',
      comment: 'a new package is put into LEVELS first',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/(${atOrAbove(0)})/` },
      to: {},
    },
    {
      name: 'packages-import-no-product',
      comment: 'a library knows no service, no platform, no app',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(services|platform|apps|tests|tools|bench)/' },
    },
    {
      name: 'tokens-import-nothing',
      comment:
        'nobody should install anything to check a JWT; errors and runtime stand below everything',
      severity: 'error',
      from: { path: '^packages/(tokens|errors|runtime)/', pathNot: `${ADAPTERS}|${TEST_CODE}` },
      to: { pathNot: '^packages/$1/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'tokens-adapters-import-types',
      comment: 'an adapter is given its framework by whoever uses it',
      severity: 'error',
      from: { path: ADAPTERS, pathNot: TEST_CODE },
      to: { pathNot: '^packages/tokens/', dependencyTypesNot: ['core', 'type-only'] },
    },
    {
      name: 'tokens-core-knows-no-adapter',
      comment: 'the core stands by itself',
      severity: 'error',
      from: { path: '^packages/tokens/src/', pathNot: `${ADAPTERS}|${TEST_CODE}` },
      to: { path: ADAPTERS },
    },
    {
      name: 'service-imports-no-service',
      comment: 'services meet on the wire, by contract',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'services-import-no-platform',
      comment: 'a service runs wherever certificates, ports and a database are given to it',
      severity: 'error',
      from: { path: '^services/', pathNot: TEST_CODE },
      to: { path: '^(platform|apps|tests|tools|bench)/' },
    },
    {
      name: 'platform-imports-no-service',
      comment:
        'the platform and the command line start services as processes, and ask them over HTTP',
      severity: 'error',
      from: { path: '^(platform|apps)/' },
      to: { path: '^(services|tests|tools|bench)/' },
    },
    {
      name: 'platform-imports-no-app',
      comment: 'the command line stands on the platform, not the other way round',
      severity: 'error',
      from: { path: '^platform/' },
      to: { path: '^apps/' },
    },
    {
      name: 'testing-only-in-tests',
      comment:
        'packages/testing makes identities from nothing; support of tests is not the product',
      severity: 'error',
      from: { pathNot: TEST_CODE },
      to: { path: '(^packages/testing/|/(test-support|fixtures)/)' },
    },
    {
      name: 'rules-import-only-errors',
      comment: 'the rules of a capability stand on coded errors, and on rules, roles and lifetimes',
      severity: 'error',
      from: { path: '^services/auth/src/.*[/-]rules\\.ts$' },
      to: {
        pathNot: ['[/-](rules|errors|roles|lifetimes)\\.ts$', '^packages/errors/'],
      },
    },
    {
      name: 'cases-import-no-transport',
      comment:
        'what a capability of auth does is the same by gRPC and by HTTP, and is tested without',
      severity: 'error',
      from: { path: CASES, pathNot: [...TRANSPORTS, TEST_CODE] },
      to: {
        path: [...TRANSPORTS, '^services/auth/src/(oauth/|app\\.ts)', ...WIRES],
        pathNot: '^services/auth/src/oauth/(scope-rules|errors)\\.ts$',
      },
    },
    {
      name: 'jose-only-in-tests',
      comment: 'our own core is what this project is for; jose is the oracle that judges it',
      severity: 'error',
      from: { pathNot: TEST_CODE },
      to: { path: '^(node_modules/)?jose(/|$)' },
    },
    {
      name: 'pg-only-in-postgres',
      comment: 'pools, time-outs and the errors of a database that is down are handled once',
      severity: 'error',
      from: { pathNot: '^packages/postgres/' },
      to: { path: '^(node_modules/)?(@types/)?pg(/|$)' },
    },
    {
      name: 'fastify-only-in-chassis-http',
      comment: 'limits, errors and observation of plain HTTP are set up once, in the listener',
      severity: 'error',
      from: { pathNot: `^packages/chassis/src/http/|${ADAPTERS}|${TEST_CODE}` },
      to: { path: '^(node_modules/)?(fastify|@fastify/[^/]+)(/|$)' },
    },
    {
      name: 'kafka-only-in-its-adapter',
      comment: 'events are a port; Kafka is one adapter of it',
      severity: 'error',
      from: { pathNot: '^packages/events/src/kafka/' },
      to: { path: '^(node_modules/)?(@platformatic/kafka|kafkajs|@confluentinc/[^/]+)(/|$)' },
    },
    {
      name: 'restate-only-in-its-adapter',
      comment: 'sagas are declared engine-neutral; Restate is one adapter of that',
      severity: 'error',
      from: { pathNot: '^packages/saga/src/restate/' },
      to: { path: '^(node_modules/)?@restatedev/' },
    },
    {
      name: 'telemetry-set-up-in-the-chassis',
      comment: 'below the chassis: the OpenTelemetry API and an injected logger only',
      severity: 'error',
      from: { pathNot: `^packages/chassis/|${TEST_CODE}` },
      to: { path: '^(node_modules/)?(@opentelemetry/(?!api/)|pino(/|$))' },
    },
    {
      name: 'packages-by-name',
      comment: 'a package is imported through its entries, never by a path into its folder',
      severity: 'error',
      from: { path: '^(packages/[^/]+|services/[^/]+|platform|apps/[^/]+|tests/[^/]+)/' },
      to: {
        path: '^packages/',
        pathNot: '^$1/',
        dependencyTypes: ['local'],
        // By its name, from where the root's workspaces are in sight.
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
    {
      name: 'no-cycles',
      comment: 'modules that import each other are one module',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'an import that leads nowhere was not checked either',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.cache|\\.gatehouse)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    // An import of a type is an import too.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};

export default configuration;
