// A NestJS server that accepts access tokens of the platform: node dist/main.js [issuer] [port]
import { createAccessTokenVerifier, createDiscoveredKeySet } from '@gatehouse/tokens';
import { bearerAuth } from '@gatehouse/tokens/nestjs';
import { Controller, Get, HttpException, Module, Post, Put, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Request } from 'express';

const [issuer = 'http://127.0.0.1:8091', port = '3000'] = process.argv.slice(2);
const keys = createDiscoveredKeySet({ issuer });
await keys.start();
const audience = 'https://edge.gatehouse.local';
const verifier = createAccessTokenVerifier({ issuer, audience, keys });
const auth = bearerAuth({ HttpException, verifier });

@Controller()
class Board {
  @Get('me') me(@Req() request: Request) {
    return { subject: auth.principal(request).subject };
  }
  @Post('posts') @UseGuards(auth.require({ scopes: ['board:write'] })) create() {}
  @Put('notice') @UseGuards(auth.require({ roles: ['moderator'] })) notice() {}
}

@Module({ controllers: [Board] })
class App {}
const app = await NestFactory.create(App, { logger: ['error'] });
app.useGlobalGuards(auth);
await app.listen(Number(port), '127.0.0.1');
console.log(await app.getUrl());
