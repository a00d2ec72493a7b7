import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessRule, METHODS, type MethodContract } from '@gatehouse/contracts';
import { type AccessRequest, type DenyReason, decide } from './decide.ts';
import type { AccessSubject } from './subject.ts';

const TRUST_DOMAIN = 'gatehouse.local';
const spiffe = (name: string) => `spiffe://${TRUST_DOMAIN}/${name}`;

type Outcome = 'allow' | DenyReason;
type Column = 'ANYONE' | 'SIGNED_IN' | 'SIGNED_IN with a role' | 'WORKLOAD' | 'NONE';

/** The truth, written out: whom a caller that may call speaks for, and what comes of it. */
const TRUTH: Readonly<Record<string, Readonly<Record<Column, Outcome>>>> = {
  'no passport': {
    ANYONE: 'not_signed_in',
    SIGNED_IN: 'not_signed_in',
    'SIGNED_IN with a role': 'not_signed_in',
    WORKLOAD: 'not_signed_in',
    NONE: 'allow',
  },
  'anonymous, at the edge': {
    ANYONE: 'allow',
    SIGNED_IN: 'not_signed_in',
    'SIGNED_IN with a role': 'not_signed_in',
    WORKLOAD: 'subject',
    NONE: 'allow',
  },
  'anonymous, for this method': {
    ANYONE: 'allow',
    SIGNED_IN: 'not_signed_in',
    'SIGNED_IN with a role': 'not_signed_in',
    WORKLOAD: 'subject',
    NONE: 'allow',
  },
  'anonymous, for another method': {
    ANYONE: 'method_bound',
    SIGNED_IN: 'not_signed_in',
    'SIGNED_IN with a role': 'not_signed_in',
    WORKLOAD: 'subject',
    NONE: 'allow',
  },
  'person with nothing': {
    ANYONE: 'allow',
    SIGNED_IN: 'scope',
    'SIGNED_IN with a role': 'scope',
    WORKLOAD: 'subject',
    NONE: 'allow',
  },
  'person with the scopes': {
    ANYONE: 'allow',
    SIGNED_IN: 'allow',
    'SIGNED_IN with a role': 'role',
    WORKLOAD: 'subject',
    NONE: 'allow',
  },
  'person with scopes and role': {
    ANYONE: 'allow',
    SIGNED_IN: 'allow',
    'SIGNED_IN with a role': 'allow',
    WORKLOAD: 'subject',
    NONE: 'allow',
  },
  'the calling workload': {
    ANYONE: 'subject',
    SIGNED_IN: 'subject',
    'SIGNED_IN with a role': 'subject',
    WORKLOAD: 'allow',
    NONE: 'allow',
  },
  'another workload': {
    ANYONE: 'subject',
    SIGNED_IN: 'subject',
    'SIGNED_IN with a role': 'subject',
    WORKLOAD: 'subject',
    NONE: 'allow',
  },
};

const NOBODY: AccessSubject = { kind: 'none', id: '', scopes: [], roles: [], authLevel: 0 };
const ANONYMOUS: AccessSubject = { ...NOBODY, kind: 'anonymous', id: 'anonymous:txn_1' };
const PERSON: AccessSubject = { ...NOBODY, kind: 'person', id: 'usr_1', authLevel: 1 };
const WORKLOAD: AccessSubject = { ...NOBODY, kind: 'workload' };

function subjectNamed(name: string, { id, rule }: MethodContract, caller: string): AccessSubject {
  const { scopes, roles } = rule;
  const known: Record<string, AccessSubject> = {
    'no passport': NOBODY,
    'anonymous, at the edge': { ...ANONYMOUS, id: '' },
    'anonymous, for this method': { ...ANONYMOUS, method: id },
    'anonymous, for another method': { ...ANONYMOUS, method: `${id}Elsewhere` },
    'person with nothing': PERSON,
    'person with the scopes': { ...PERSON, scopes },
    'person with scopes and role': { ...PERSON, scopes, roles: roles.slice(0, 1) },
    // With all that a person would need, so that nothing but its kind can refuse it.
    'the calling workload': { ...WORKLOAD, id: caller, scopes, roles },
    'another workload': { ...WORKLOAD, id: `${caller}2`, scopes, roles },
  };
  const subject = known[name];
  assert.ok(subject, name);
  return subject;
}

function columnOf({ subject, roles }: AccessRule): Column {
  return subject === 'SIGNED_IN' && roles.length > 0 ? 'SIGNED_IN with a role' : subject;
}

function outcomeOf(rule: AccessRule, request: AccessRequest): Outcome {
  const decision = decide(rule, request);
  return decision.allow ? 'allow' : decision.reason;
}

const STRANGERS = [
  '',
  'gateway',
  'spiffe://gatehouse.local',
  'spiffe://gatehouse.local/',
  'spiffe://gatehouse.local//gateway',
  'spiffe://gatehouse.local/gateway/',
  'spiffe://gatehouse.local/../gateway',
  'spiffe://gatehouse.local/./gateway',
  'spiffe://gatehouse.local/gate way',
  'spiffe://gatehouse.local/gateway?x',
  'spiffe://gatehouse.local/gateway\n',
  'spiffe://gatehouse.local.evil.example/gateway',
  'spiffe://evil.example/gateway',
  'spiffe://evil.example/gatehouse.local/gateway',
  'SPIFFE://gatehouse.local/gateway',
  'https://gatehouse.local/gateway',
];

test('each method × each caller × each subject is as the truth table says', () => {
  const workloads = ['gateway', 'auth', 'user', 'board', 'orchestrator', 'gateway2', 'Gateway'];
  const callers = [...workloads.map(spiffe), ...STRANGERS];
  let cells = 0;
  for (const method of METHODS) {
    const { rule } = method;
    const admitted = rule.callers.includes('*') ? workloads : rule.callers;
    for (const caller of callers) {
      for (const [name, row] of Object.entries(TRUTH)) {
        const expected = admitted.map(spiffe).includes(caller) ? row[columnOf(rule)] : 'caller';
        const subject = subjectNamed(name, method, caller);
        const request = { subject, caller, trustDomain: TRUST_DOMAIN, methodId: method.id };
        const cell = `${method.id} by ${JSON.stringify(caller)} for ${name}`;
        assert.equal(outcomeOf(rule, { ...request, revocationsStale: false }), expected, cell);
        const whenStale = expected === 'allow' && rule.fresh ? 'stale' : expected;
        assert.equal(
          outcomeOf(rule, { ...request, revocationsStale: true }),
          whenStale,
          `${cell}, stale`,
        );
        cells += 2;
      }
    }
  }
  assert.equal(cells, METHODS.length * callers.length * Object.keys(TRUTH).length * 2);
});

test('the contracts have a rule of each column, so that the table was read whole', () => {
  const columns = new Set(METHODS.map(({ rule }) => columnOf(rule)));
  assert.deepEqual([...columns].sort(), Object.keys(TRUTH['no passport'] ?? {}).sort());
  assert.ok(METHODS.some(({ rule }) => rule.fresh));
});

const RULE: AccessRule = {
  subject: 'SIGNED_IN',
  scopes: ['a', 'b'],
  roles: ['editor', 'chief'],
  authLevel: 2,
  callers: ['gateway'],
  carries: ['c'],
  fresh: false,
  ignoreBearer: false,
};
const REQUEST: AccessRequest = {
  subject: { ...PERSON, scopes: ['b', 'a'], roles: ['chief'], authLevel: 2 },
  caller: spiffe('gateway'),
  trustDomain: TRUST_DOMAIN,
  methodId: 'x',
  revocationsStale: false,
};

function outcomeFor(change: Partial<AccessSubject>): Outcome {
  return outcomeOf(RULE, { ...REQUEST, subject: { ...REQUEST.subject, ...change } });
}

test('all scopes, any role, and at least the level are asked for', () => {
  assert.equal(outcomeFor({}), 'allow');
  assert.equal(outcomeFor({ authLevel: 3, roles: ['reader', 'editor'] }), 'allow');
  assert.equal(outcomeFor({ scopes: ['a', 'c'] }), 'scope');
  assert.equal(outcomeFor({ scopes: ['a', 'B'] }), 'scope');
  assert.equal(outcomeFor({ scopes: ['a b'] }), 'scope');
  assert.equal(outcomeFor({ roles: ['reader'] }), 'role');
  assert.equal(outcomeFor({ roles: [] }), 'role');
  assert.equal(outcomeFor({ authLevel: 1 }), 'auth_level');
  assert.equal(outcomeFor({ authLevel: Number.NaN }), 'auth_level');
});

test('a workload meets the scopes of its rule too', () => {
  const rule: AccessRule = { ...RULE, subject: 'WORKLOAD', roles: [], authLevel: 0 };
  const subject = { ...WORKLOAD, id: REQUEST.caller, scopes: ['a'] };
  assert.equal(outcomeOf(rule, { ...REQUEST, subject }), 'scope');
  assert.equal(
    outcomeOf(rule, { ...REQUEST, subject: { ...subject, scopes: ['a', 'b'] } }),
    'allow',
  );
});

test('a kind that nobody knows is refused, in the rule and in the subject', () => {
  const rule = { ...RULE, subject: 'EVERYBODY' } as unknown as AccessRule;
  assert.equal(outcomeOf(rule, REQUEST), 'subject');
  const subject = { ...PERSON, kind: 'robot' } as unknown as AccessSubject;
  for (const kind of ['ANYONE', 'SIGNED_IN', 'WORKLOAD'] as const) {
    assert.notEqual(outcomeOf({ ...RULE, subject: kind }, { ...REQUEST, subject }), 'allow');
  }
});

test('any workload is any of a well-formed trust domain', () => {
  const rule: AccessRule = { ...RULE, callers: ['*'] };
  const ask = (caller: string, trustDomain = TRUST_DOMAIN) =>
    outcomeOf(rule, { ...REQUEST, caller, trustDomain });
  assert.equal(ask(spiffe('ns/shop/sa/cart-1_b.c')), 'allow');
  for (const stranger of STRANGERS) assert.equal(ask(stranger), 'caller', stranger);
  assert.equal(ask('spiffe:///gateway', ''), 'caller');
  assert.equal(ask('spiffe://a/b/gateway', 'a/b'), 'caller');
});

test('each reason has its error', () => {
  const errorFor = (change: Partial<AccessRequest>, rule: Partial<AccessRule> = {}) => {
    const decision = decide({ ...RULE, ...rule }, { ...REQUEST, ...change });
    assert.ok(!decision.allow);
    const { code, kind, retryAfterSeconds } = decision.error;
    assert.equal(code, `access.${decision.reason}`);
    return [kind, retryAfterSeconds];
  };
  assert.deepEqual(errorFor({ caller: 'x' }), ['PERMISSION_DENIED', undefined]);
  assert.deepEqual(errorFor({ subject: NOBODY }), ['UNAUTHENTICATED', undefined]);
  assert.deepEqual(errorFor({ revocationsStale: true }, { fresh: true }), ['UNAVAILABLE', 5]);
});
