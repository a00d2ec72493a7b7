import type { ChangeKind } from './rules.ts';

export interface AccessChangeTable {
  readonly position: bigint;
  readonly kind: ChangeKind;
  readonly about: string;
  readonly version: number | null;
  readonly made_at: Date;
  readonly expires_at: Date;
}
