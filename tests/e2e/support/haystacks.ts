/** Everything that a run leaves behind and that must hold no secret: logs, spans, databases. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, sql } from '@gatehouse/postgres';
import { target } from './config.ts';

export interface Haystack {
  /** `'log auth.log'`, `'table auth.session'`. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The logs of every part, old and new. */
export function logs(): readonly Haystack[] {
  const folder = join(target().dataDir, 'logs');
  return readdirSync(folder).map((name) => ({
    name: `log ${name}`,
    bytes: readFileSync(join(folder, name)),
  }));
}

/** Every span that was exported. */
export function spans(): Haystack {
  return { name: 'spans', bytes: readFileSync(target().spansFile) };
}

/** Every row of every table of every service's database, as text; bytes are in hex there. */
export async function tables(): Promise<readonly Haystack[]> {
  const found = Object.entries(target().databaseUrls).map(([service, url]) =>
    tablesOf(service, url),
  );
  return (await Promise.all(found)).flat();
}

async function tablesOf(service: string, url: string): Promise<readonly Haystack[]> {
  const quiet = { info() {}, warn() {}, error() {} };
  const database = openDatabase<unknown>({ url, name: 'e2e', log: quiet });
  try {
    const listed = await sql<{ schema: string; name: string }>`
      select table_schema as schema, table_name as name from information_schema.tables
      where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
    `.execute(database.read);
    const haystacks: Haystack[] = [];
    for (const { schema, name } of listed.rows) {
      const table = sql.table(`${schema}.${name}`);
      const { rows } = await sql<{ line: string }>`
        select t::text as line from ${table} as t
      `.execute(database.read);
      const text = rows.map(({ line }) => line).join('\n');
      haystacks.push({ name: `table ${service}.${name}`, bytes: Buffer.from(text) });
    }
    return haystacks;
  } finally {
    await database.close();
  }
}
