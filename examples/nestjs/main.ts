// A NestJS server that lets in who bears an access token of the platform.
// npm run build && node dist/main.js [issuer] [port]
import { createAccessTokenVerifier, createDiscoveredKeySet } from '@gatehouse/tokens';
import { bearerAuth } from '@gatehouse/tokens/nestjs';
import { Controller, Delete, Get, Module, Post, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Request } from 'express';

const [issuer = 'http://127.0.0.1:8091', port = '3000'] = process.argv.slice(2);
const keys = createDiscoveredKeySet({ issuer });
await keys.start();
const audience = 'https://edge.gatehouse.local';
const auth = bearerAuth({ verifier: createAccessTokenVerifier({ issuer, audience, keys }) });

@Controller()
class Board {
  @Get('me') me(@Req() request: Request) {
    return { subject: auth.principal(request).subject };
  }
  @Post('posts') @UseGuards(auth.require({ scopes: ['board:write'] })) create() {}
  @Delete('posts') @UseGuards(auth.require({ roles: ['moderator'] })) remove() {}
}

@Module({ controllers: [Board] })
class App {}
const app = await NestFactory.create(App, { logger: ['error'] });
app.useGlobalGuards(auth);
await app.listen(Number(port), '127.0.0.1');
console.log(await app.getUrl());
