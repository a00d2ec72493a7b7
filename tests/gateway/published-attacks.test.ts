/**
 * What was published for other gateways, tried on ours: over real sockets, with an upstream that keeps
 * every byte. What arrives is what the rule was decided on, or nothing. oracle.test.ts shows
 * that these checks can fail.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CATALOGUE } from './catalogue/catalogue.ts';
import { type AttackedGateway, startAttackedGateway } from './support/attacked-gateway.ts';
import { type Attempted, attempt, NEXT_ANSWER, sendWire, type Target } from './support/attempt.ts';
import { sendFrames } from './support/frames.ts';
import { faultsIn } from './support/judge.ts';
import { echo } from './support/recording-upstream.ts';

let gateway: AttackedGateway;
let target: Target;

before(async () => {
  gateway = await startAttackedGateway();
  target = { port: gateway.port, upstream: gateway.upstream, patienceMs: 5000 };
});
after(() => gateway.close());

for (const attack of CATALOGUE) {
  if (attack.wire === 'test') continue;
  test(`${attack.advisory} (${attack.product}): ${attack.what}`, async () => {
    let arrivedAtAll = 0;
    for (const [index, variant] of attack.variants.entries()) {
      const { received, nextAnswer, arrived, status } = await tryVariant(attack, index);
      const about = `variant ${index}: ${JSON.stringify(variant).slice(0, 400)}`;
      assert.deepEqual(faultsIn(received, { passports: true }), [], about);
      assert.equal(nextAnswer, NEXT_ANSWER, `${about}: the next request`);
      arrivedAtAll += arrived.length;
      if (attack.outcome === 'neutralised') continue;
      assert.deepEqual(arrived, [], `${about}: nothing arrives`);
      assert.ok(status === 0 || status >= 400, `${about}: answered ${status}`);
    }
    // Of what is neutralised something arrives; where nothing does, the page would say less than is so.
    if (attack.outcome === 'neutralised') assert.ok(arrivedAtAll > 0, 'it is refused');
  });
}

function tryVariant(attack: (typeof CATALOGUE)[number], index: number): Promise<Attempted> {
  if (attack.wire === 'http/1.1') {
    const bytes = (attack.variants[index] ?? '').replaceAll('{token}', gateway.token);
    return attempt(target, () => sendWire(target, bytes));
  }
  if (attack.wire === 'http/2') {
    const request = attack.variants[index];
    assert.ok(request);
    return attempt(target, () => sendFrames(gateway.tlsPort, request));
  }
  assert.ok(attack.wire === 'answer');
  return attempt(target, async () => {
    const answer = attack.variants[index] ?? '';
    gateway.upstream.answerWith((_, socket) => socket.write(Buffer.from(answer, 'latin1')));
    try {
      return await sendWire(
        target,
        attack.request ?? 'GET /public/a HTTP/1.1\r\nHost: edge\r\n\r\n',
      );
    } finally {
      gateway.upstream.answerWith(echo);
    }
  });
}
