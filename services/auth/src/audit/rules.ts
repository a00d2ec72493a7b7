/** What is written down. No secret, and no e-mail that someone merely typed. */
export interface AuditEntry {
  readonly actor: string;
  readonly action: AuditAction;
  readonly target: string;
}

export type AuditAction =
  | 'signup.started'
  | 'signup.completed'
  | 'signup.given_up'
  | 'login.succeeded'
  | 'login.failed'
  | 'refresh.reused'
  | 'logout'
  | 'session.ended'
  | 'roles.set'
  | 'roles.bootstrap_admin'
  | 'password.changed'
  | 'password.change_failed'
  | 'passport_key.registered'
  | 'passport_key.revoked'
  | 'signing_key.published'
  | 'signing_key.revoked'
  | 'signing_keys.rewrapped'
  | 'client.created'
  | 'client.secret_rotated'
  | 'client.key_added'
  | 'client.key_removed'
  | 'client.disabled'
  | 'token.revoked'
  | 'grant.created'
  | 'grant.revoked'
  | 'account.suspended'
  | 'account.reinstated';
