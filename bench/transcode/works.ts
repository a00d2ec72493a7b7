/**
 * What the gateway is compared with: a bare grpc-js client that makes the same call over the same
 * mutual TLS, with a passport in its metadata. No HTTP, no JSON, no token, no decision.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { GetPostRequestSchema } from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { ChannelCredentials, Client, Metadata } from '@grpc/grpc-js';
import type { Work } from '../harness/work-process.ts';
import { GET_POST, IN_FLIGHT, target } from './target.ts';
import { readTls } from './tls.ts';

const CALLS = 20_000;

async function grpcJsClient(): Promise<Work> {
  const { upstream, tlsFolder, passport } = target();
  const { key, chain, bundle } = readTls(tlsFolder);
  const client = new Client(upstream, ChannelCredentials.createSsl(bundle, key, chain), {
    'grpc.ssl_target_name_override': 'localhost',
  });
  const request = create(GetPostRequestSchema, { postId: 'pst_1' });
  const body = Buffer.from(toBinary(GetPostRequestSchema, request));
  const asIs = (bytes: Buffer): Buffer => bytes;
  const call = (): Promise<void> => {
    const metadata = new Metadata();
    metadata.set('txn-token', passport);
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(GET_POST, asIs, asIs, body, metadata, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  };
  return {
    operations: CALLS,
    run: async () => {
      let left = CALLS;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await call();
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    },
  };
}

export const works = { 'grpc-js client': grpcJsClient };
