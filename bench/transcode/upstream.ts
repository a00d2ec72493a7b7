/**
 * The service behind the gateway, as cheap as grpc-js makes one: GetPost over mutual TLS, answered
 * with the same bytes each time. No passport, no rule, no database, since it is not what is measured.
 *
 * Arguments: the folder of its certificate, and `plain` to do without TLS (for bench/trust). Says its port
 * in one line of standard output.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { PostSchema } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { GET_POST } from './target.ts';
import { readTls } from './tls.ts';

const asIs = (bytes: Buffer): Buffer => bytes;

const post = create(PostSchema, {
  postId: 'pst_01jd3v7w8k2m4n6p8q0r2s4t6v',
  title: 'A post of an ordinary length',
  body: 'Some sentences, as people write them below each other on a board. '.repeat(6),
  authorId: 'usr_01jd3v7w8k2m4n6p8q0r2s4t6v',
  createdAt: timestampFromDate(new Date('2026-11-20T12:00:00Z')),
  updatedAt: timestampFromDate(new Date('2026-11-20T12:30:00Z')),
});
const answer = Buffer.from(toBinary(PostSchema, post));

const [, , folder = '', way] = process.argv;
const { key, chain, bundle } = readTls(folder);
const server = new Server();
server.register<Buffer, Buffer>(
  GET_POST,
  (_call: unknown, callback: sendUnaryData<Buffer>) => callback(null, answer),
  asIs,
  asIs,
  'unary',
);
const pair = [{ private_key: key, cert_chain: chain }];
const credentials =
  way === 'plain'
    ? ServerCredentials.createInsecure()
    : ServerCredentials.createSsl(bundle, pair, true);
server.bindAsync('127.0.0.1:0', credentials, (error, port) => {
  if (error !== null) throw error;
  console.log(port);
});
