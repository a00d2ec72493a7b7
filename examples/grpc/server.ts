// A gRPC server that accepts access tokens of the platform.
// node server.ts [issuer] [port]
import { createAccessTokenVerifier, createDiscoveredKeySet } from '@gatehouse/tokens';
import { bearerAuth } from '@gatehouse/tokens/grpc';
import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const [issuer = 'http://127.0.0.1:8091', port = '3000'] = process.argv.slice(2);
const keys = createDiscoveredKeySet({ issuer });
await keys.start();
const audience = 'https://edge.gatehouse.local';
const verifier = createAccessTokenVerifier({ issuer, audience, keys });
const methods = {
  '/example.Board/CreatePost': { scopes: ['board:write'] },
  '/example.Board/SetNotice': { roles: ['moderator'] },
};
const auth = bearerAuth({ grpc, verifier, methods });

const answer: grpc.handleUnaryCall<object, object> = (call, callback) =>
  callback(null, { subject: auth.principal(call).subject });
const service = loadSync(`${import.meta.dirname}/board.proto`)['example.Board'];
const server = new grpc.Server({ interceptors: [auth] });
const board = { WhoAmI: answer, CreatePost: answer, SetNotice: answer };
server.addService(service as grpc.ServiceDefinition, board);
server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (_, bound) =>
  console.log(`http://127.0.0.1:${bound}`),
);
