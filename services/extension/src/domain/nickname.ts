/** Nicknames: random, readable, given once and kept: `brave-otter-4821`. */
import { commonErrors } from '@gatehouse/errors';
import type { Database } from '@gatehouse/postgres';
import { type ExtensionTables, findNickname, giveNickname } from '../store.ts';
import type { Uniform } from './multiplier.ts';

const MANNERS =
  'able amber brave bright brisk calm clever cosy daring deft eager early fair famous fleet fond frank gentle glad golden grand happy hardy honest jolly keen kind lively loyal lucky mellow merry mighty modest neat noble patient placid plucky polite proud quick quiet ready rosy sage sharp shy silent silver sincere sleek smart snug sober spry steady sunny swift tidy trusty vivid warm witty'.split(
    ' ',
  );
const ANIMALS =
  'badger bear beaver bison bittern bunting crane crow curlew deer dipper dolphin dove egret falcon ferret finch fox gannet goose grouse hare hawk hedgehog heron ibex jay kestrel kite lapwing lark lemur linnet lynx magpie marten mole moose newt otter owl panda pigeon pika plover puffin quail raven robin salmon seal shrew siskin sparrow stoat stork swan swallow tapir tern toad vole weasel wren'.split(
    ' ',
  );
const NUMBERS = 9_000;
/** 36 million names: that many collisions in a row mean that something else is wrong. */
const ATTEMPTS = 20;

/** A nickname that nobody may have yet. */
function inventNickname(uniform: Uniform): string {
  const pick = (words: readonly string[]): string =>
    words[Math.floor(uniform() * words.length)] ?? '';
  return `${pick(MANNERS)}-${pick(ANIMALS)}-${1_000 + Math.floor(uniform() * NUMBERS)}`;
}

/** The user's nickname: the one that is kept, or a new one that no other user has. */
export async function nicknameOf(
  database: Database<ExtensionTables>,
  asked: { readonly userId: bigint; readonly uniform: Uniform; readonly at: Date },
): Promise<string> {
  const { userId, uniform, at } = asked;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const known = await findNickname(database.read, userId);
    if (known !== undefined) return known;
    const nickname = inventNickname(uniform);
    if (await giveNickname(database.read, { userId, nickname, at })) return nickname;
  }
  throw commonErrors.INTERNAL({ cause: new Error('no nickname could be found that is free') });
}
