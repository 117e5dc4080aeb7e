/**
 * The schema, as steps: step n brings a store from version n to n + 1. A step that has been released is never edited.
 */
export const sqliteMigrations: readonly string[] = [
  `
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE domain_key (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT;

  CREATE TABLE account (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE access_key (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    domain_key INTEGER NOT NULL,
    secret BLOB NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX access_key_by_domain_key ON access_key (domain_key);

  CREATE TABLE key (
    account TEXT NOT NULL REFERENCES account (id),
    region TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    description TEXT NOT NULL,
    manager TEXT NOT NULL,
    spec TEXT NOT NULL,
    usage TEXT NOT NULL,
    origin TEXT NOT NULL,
    state TEXT NOT NULL,
    deletion_at INTEGER,
    policy TEXT NOT NULL,
    tags TEXT NOT NULL,
    current_material_id TEXT NOT NULL,
    rotation_period_in_days INTEGER,
    rotation_next_at INTEGER,
    rotation_on_demand_count INTEGER NOT NULL,
    PRIMARY KEY (account, region, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX key_by_deletion ON key (deletion_at) WHERE deletion_at IS NOT NULL;
  CREATE INDEX key_by_rotation ON key (rotation_next_at) WHERE rotation_next_at IS NOT NULL AND state = 'Enabled';

  CREATE TABLE material (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    rotation_type TEXT,
    domain_key INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (account, region, key_id, id),
    FOREIGN KEY (account, region, key_id) REFERENCES key (account, region, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX material_by_domain_key ON material (domain_key);

  CREATE TABLE alias (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    key_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account, region, name),
    FOREIGN KEY (account, region, key_id) REFERENCES key (account, region, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alias_by_key ON alias (account, region, key_id, name);

  -- What other processes have to forget. The newest rows only; whoever missed more forgets everything.
  CREATE TABLE change (seq INTEGER PRIMARY KEY AUTOINCREMENT, change TEXT NOT NULL) STRICT;
  `,
];
