/** The commands for operators: clients, keys, grants, accounts, and the daily batch of core. */
import { type Command, Option } from 'commander';
import { repeated, wholeNumber } from '../usage.ts';
import { dataFlag, jsonFlag, lazily, withOperatorFlags } from './flags.ts';

const DAY_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 30 * DAY_SECONDS;

export function addOperatorCommands(program: Command): void {
  addClient(program.command('client').description('manage programs that get tokens'));
  addKeys(program.command('keys').description('manage signing keys and the certificate authority'));
  addGrant(
    program.command('grant').description('manage grants: who acts for whom when nobody is there'),
  );
  addAccount(
    program.command('account').description('suspend or reinstate a person, or set their roles'),
  );
  addCore(program.command('core').description('run the daily batch'));
}

function addClient(group: Command): void {
  const add = (words: string, description: string) =>
    withOperatorFlags(group.command(words).description(description)).addOption(jsonFlag());
  const publicKey = '--public-key <file>';
  add('create <name>', 'create a client and show its secret, this once')
    .option('--scope <scope>', 'scope that its tokens may have; may be repeated', repeated, [])
    .option(
      '--external-scope <scope>',
      'scope that no contract declares, such as one of an external route; may be repeated',
      repeated,
      [],
    )
    .option('--workload <service>', 'workload that it belongs to, by certificate', '')
    .option(publicKey, 'public key (PEM) that verifies its assertions, instead of a secret')
    .action(lazily(async () => (await import('./client.ts')).createClient));
  add('list', 'list clients, and how many secrets and keys of each are valid').action(
    lazily(async () => (await import('./client.ts')).listClients),
  );
  add('rotate <name>', 'create a new secret; the previous one stays valid for a day')
    .addOption(
      new Option('--overlap <seconds>', 'how long the previous secret stays valid')
        .argParser(wholeNumber({ min: 0, max: MAX_OVERLAP_SECONDS }))
        .conflicts('revokeOld'),
    )
    .option('--revoke-old', 'revoke the previous secret at once', false)
    .action(lazily(async () => (await import('./client.ts')).rotateClient));
  add('add-key <name>', 'add a public key that verifies assertions')
    .requiredOption(publicKey, 'public key (PEM)')
    .action(lazily(async () => (await import('./client.ts')).addClientKey));
  add('remove-key <name>', 'remove a public key, at once')
    .requiredOption('--kid <kid>', 'id of the key')
    .action(lazily(async () => (await import('./client.ts')).removeClientKey));
  add('disable <name>', 'reject the client and its tokens, for good').action(
    lazily(async () => (await import('./client.ts')).disableClient),
  );
}

function addKeys(group: Command): void {
  const add = (words: string, description: string) =>
    withOperatorFlags(group.command(words).description(description));
  const waitFlag = (description: string) =>
    new Option('--wait <seconds>', description).argParser(
      wholeNumber({ min: 0, max: DAY_SECONDS }),
    );
  add('list', 'list keys: signing, published, retiring, leased')
    .option('--all', 'retired and revoked keys too', false)
    .addOption(jsonFlag())
    .action(lazily(async () => (await import('./keys.ts')).listKeys));
  add('rotate', 'replace a signing key: publish the next, wait, then sign with it')
    .addOption(
      new Option('--purpose <purpose>', 'access: tokens; passport: auth’s own passports')
        .choices(['access', 'passport'])
        .default('access'),
    )
    .addOption(
      new Option('--emergency', 'at once, and reject everything that the other keys signed')
        .default(false, 'after the wait')
        .conflicts('wait'),
    )
    .addOption(waitFlag('how long the next key is published before it signs (default: 900)'))
    .addOption(jsonFlag())
    .action(lazily(async () => (await import('./keys.ts')).rotateKeys));
  add('revoke <kid>', 'reject a gateway’s passport key; the gateway creates another').action(
    lazily(async () => (await import('./keys.ts')).revokeKey),
  );
  add('rewrap', 'encrypt all private keys under the newest key of GATEHOUSE_KEK_FILE')
    .option('--new-kek <file>', 'put this key there first (a platform on this machine)')
    .action(lazily(async () => (await import('./keys.ts')).rewrapKeys));
  group
    .command('rotate-ca')
    .description('replace the root of all certificates (a platform on this machine)')
    .addOption(dataFlag())
    .addOption(waitFlag('how long each step settles'))
    .action(lazily(async () => (await import('./keys.ts')).rotateRoot));
}

function addGrant(group: Command): void {
  withOperatorFlags(group.command('list').description('list live grants, newest first'))
    .option('--user <id>', 'grants of this person only', '')
    .addOption(jsonFlag())
    .action(lazily(async () => (await import('./grant.ts')).listGrants));
  withOperatorFlags(group.command('revoke <grant>'))
    .description('revoke a grant, and every grant derived from it')
    .action(lazily(async () => (await import('./grant.ts')).revokeGrant));
}

function addAccount(group: Command): void {
  withOperatorFlags(group.command('suspend <user>'))
    .description('reject a person everywhere, within a second')
    .action(lazily(async () => (await import('./account.ts')).suspendAccount));
  withOperatorFlags(group.command('reinstate <user>'))
    .description('let a person log in again; old tokens and grants stay revoked')
    .action(lazily(async () => (await import('./account.ts')).reinstateAccount));
  withOperatorFlags(group.command('roles <user> <roles...>'))
    .description('replace the roles of a person: member, moderator, admin')
    .action(lazily(async () => (await import('./account.ts')).setAccountRoles));
}

function addCore(group: Command): void {
  withOperatorFlags(group.command('update-assets'), 'core')
    .description('give every asset its value of a day; a repeat continues with what is left')
    .option('--date <yyyy-mm-dd>', 'day, not in the future (default: today in Asia/Seoul)', '')
    .addOption(jsonFlag('print the summary as JSON, without progress'))
    .action(lazily(async () => (await import('./core.ts')).updateAssets));
}
