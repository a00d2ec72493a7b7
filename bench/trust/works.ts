/** What trust costs a caller, each in a process of its own. */
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { connect as connectPlain } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { TlsFiles } from '@gatehouse/chassis';
import { withFlow } from '@gatehouse/client';
import { createServiceClient, createUpstream } from '@gatehouse/client/grpc';
import {
  BoardService,
  GetPostRequestSchema,
  PostSchema,
} from '@gatehouse/contracts/gen/gatehouse/board/v1/board_pb.ts';
import { ChannelCredentials, Client, Metadata } from '@grpc/grpc-js';
import { trace } from '@opentelemetry/api';
import type { Work } from '../harness/work-process.ts';
import { GET_POST, IN_FLIGHT } from '../transcode/target.ts';
import { readTls } from '../transcode/tls.ts';
import { target } from './target.ts';

const CALLS = 5_000;
const CONNECTIONS = 200;
const SIGNATURES = 500;
const TIMEOUT_MS = 5_000;
/** Bytes of a service token before its signature. */
const TOKEN_BYTES = 420;

async function rsaSigning(): Promise<Work> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const token = randomBytes(TOKEN_BYTES);
  return {
    operations: SIGNATURES,
    run: () => {
      for (let left = SIGNATURES; left > 0; left -= 1) sign('sha256', token, privateKey);
    },
  };
}

/** So many at once, as a busy service has them. */
function inFlight(operations: number, atOnce: number, one: () => Promise<unknown>): Work {
  return {
    operations,
    run: async () => {
      let left = operations;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          await one();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
    },
  };
}

/** What a generated client does: encode, call with a deadline and a passport, decode. */
function bareClient(address: string, credentials: ChannelCredentials): Work {
  const { passport } = target();
  const client = new Client(address, credentials);
  const asIs = (bytes: Buffer): Buffer => bytes;
  return inFlight(CALLS, IN_FLIGHT, () => {
    const request = create(GetPostRequestSchema, { postId: 'pst_1' });
    const body = Buffer.from(toBinary(GetPostRequestSchema, request));
    const metadata = new Metadata();
    metadata.set('txn-token', passport);
    const options = { deadline: Date.now() + TIMEOUT_MS };
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(GET_POST, asIs, asIs, body, metadata, options, (error, answer) => {
        if (answer === undefined) reject(error);
        else resolve(fromBinary(PostSchema, answer));
      });
    });
  });
}

async function bareSecure(): Promise<Work> {
  const { secure, tlsFolder } = target();
  const { key, chain, bundle } = readTls(tlsFolder);
  return bareClient(secure, ChannelCredentials.createSsl(bundle, key, chain));
}

async function barePlain(): Promise<Work> {
  return bareClient(target().plain, ChannelCredentials.createInsecure());
}

async function executor(): Promise<Work> {
  const { secure, tlsFolder, serverSpiffeId, passport } = target();
  const upstream = createUpstream({
    addresses: [secure],
    serverSpiffeId,
    tls: new TlsFiles(tlsFolder),
    tracer: trace.getTracer('bench'),
  });
  const board = createServiceClient(BoardService, upstream);
  return inFlight(CALLS, IN_FLIGHT, () =>
    withFlow({ passport, deadlineMs: Date.now() + TIMEOUT_MS }, () =>
      board.getPost({ postId: 'pst_1' }),
    ),
  );
}

const hostAndPort = (address: string) => {
  const [host = '', port] = address.split(':');
  return { host, port: Number(port) };
};

async function secureConnections(): Promise<Work> {
  const { secure, tlsFolder, serverSpiffeId } = target();
  const tls = new TlsFiles(tlsFolder);
  const where = { ...hostAndPort(secure), servername: 'localhost', ALPNProtocols: ['h2'] };
  return inFlight(CONNECTIONS, 8, () => {
    return new Promise<void>((resolve, reject) => {
      const socket = connectSecure({ ...tls.connectOptions(serverSpiffeId), ...where });
      socket.once('error', reject);
      socket.once('secureConnect', () => socket.destroy());
      socket.once('close', () => resolve());
    });
  });
}

async function plainConnections(): Promise<Work> {
  const where = hostAndPort(target().plain);
  return inFlight(CONNECTIONS, 8, () => {
    return new Promise<void>((resolve, reject) => {
      const socket = connectPlain(where);
      socket.once('error', reject);
      socket.once('connect', () => socket.destroy());
      socket.once('close', () => resolve());
    });
  });
}

export const works = {
  'RSA-2048 signing alone': rsaSigning,
  'a call: grpc-js alone': bareSecure,
  'a call: executor': executor,
  'a call: grpc-js alone, without TLS': barePlain,
  'a connection: mutual TLS': secureConnections,
  'a connection: plain TCP': plainConnections,
};
