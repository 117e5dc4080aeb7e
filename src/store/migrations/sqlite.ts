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
  `
  ALTER TABLE account ADD COLUMN name TEXT NOT NULL DEFAULT '';
  ALTER TABLE account ADD COLUMN closed_at INTEGER;
  ALTER TABLE account ADD COLUMN alias TEXT;
  ALTER TABLE account ADD COLUMN password_policy TEXT;
  CREATE UNIQUE INDEX account_by_alias ON account (alias) WHERE alias IS NOT NULL;

  ALTER TABLE access_key ADD COLUMN user_id TEXT;
  ALTER TABLE access_key ADD COLUMN status TEXT NOT NULL DEFAULT 'Active';
  ALTER TABLE access_key ADD COLUMN last_used TEXT;
  CREATE INDEX access_key_by_owner ON access_key (account, user_id, created_at);

  -- Users, groups, roles, managed policies, OIDC providers, MFA devices.
  CREATE TABLE entity (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    domain_key INTEGER,
    secret BLOB,
    UNIQUE (account, kind, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entity_by_domain_key ON entity (domain_key) WHERE domain_key IS NOT NULL;

  -- What an entity refers to: policies it has, groups it is in.
  CREATE TABLE entity_link (
    target TEXT NOT NULL,
    entity TEXT NOT NULL REFERENCES entity (id) ON DELETE CASCADE,
    PRIMARY KEY (target, entity)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entity_link_by_entity ON entity_link (entity);

  CREATE TABLE key_grant (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    grantee TEXT NOT NULL,
    retiring TEXT,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (account, region, key_id, id),
    FOREIGN KEY (account, region, key_id) REFERENCES key (account, region, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX key_grant_by_grantee ON key_grant (account, region, key_id, grantee, id);
  CREATE INDEX key_grant_by_name ON key_grant (account, region, key_id, name, created_at) WHERE name <> '';
  CREATE INDEX key_grant_by_retiring ON key_grant (retiring, region, id) WHERE retiring IS NOT NULL;

  ALTER TABLE key ADD COLUMN last_use TEXT;

  -- How many keys of its own an account has in a Region: counting them anew for each CreateKey would take milliseconds.
  CREATE TABLE key_count (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    keys INTEGER NOT NULL,
    PRIMARY KEY (account, region)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO key_count SELECT account, region, count(*) FROM key WHERE manager = 'CUSTOMER' GROUP BY account, region;
  CREATE TRIGGER key_made AFTER INSERT ON key WHEN new.manager = 'CUSTOMER' BEGIN
    INSERT INTO key_count (account, region, keys) VALUES (new.account, new.region, 1)
      ON CONFLICT DO UPDATE SET keys = keys + 1;
  END;
  CREATE TRIGGER key_gone AFTER DELETE ON key WHEN old.manager = 'CUSTOMER' BEGIN
    UPDATE key_count SET keys = keys - 1 WHERE account = old.account AND region = old.region;
  END;
  `,
  `
  ALTER TABLE key ADD COLUMN pending_window_in_days INTEGER;
  -- Of multi-Region keys, which share their id.
  ALTER TABLE key ADD COLUMN primary_region TEXT;
  CREATE INDEX key_by_multi_region ON key (account, id) WHERE primary_region IS NOT NULL;

  DROP INDEX key_by_rotation;
  CREATE INDEX key_by_rotation ON key (rotation_next_at)
    WHERE rotation_next_at IS NOT NULL AND state = 'Enabled' AND (primary_region IS NULL OR primary_region = region);

  -- Imported material may be away: deleted or expired, yet the key's. An empty current_material_id of key means none.
  CREATE TABLE new_material (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    key_id TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    rotation_type TEXT,
    pending INTEGER NOT NULL,
    domain_key INTEGER,
    bytes BLOB,
    public_key BLOB,
    imported TEXT,
    expires_at INTEGER,
    PRIMARY KEY (account, region, key_id, id),
    FOREIGN KEY (account, region, key_id) REFERENCES key (account, region, id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  INSERT INTO new_material (account, region, key_id, id, created_at, rotation_type, pending, domain_key, bytes)
    SELECT account, region, key_id, id, created_at, rotation_type, 0, domain_key, bytes FROM material;
  DROP TABLE material;
  ALTER TABLE new_material RENAME TO material;
  CREATE INDEX material_by_domain_key ON material (domain_key) WHERE domain_key IS NOT NULL;
  CREATE INDEX material_by_expiry ON material (expires_at) WHERE expires_at IS NOT NULL;
  `,
  `
  CREATE TABLE trail (
    arn TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    region TEXT NOT NULL,
    multi_region INTEGER NOT NULL,
    record TEXT NOT NULL,
    delivery TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX trail_by_account ON trail (account, arn);

  CREATE TABLE digest_chain (
    trail TEXT NOT NULL REFERENCES trail (arn) ON DELETE CASCADE,
    region TEXT NOT NULL,
    chain TEXT NOT NULL,
    PRIMARY KEY (trail, region)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE digest_key (
    id TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_to INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    public_key BLOB NOT NULL,
    material_id TEXT NOT NULL,
    domain_key INTEGER,
    bytes BLOB
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX digest_key_by_region ON digest_key (region, valid_from);
  CREATE INDEX digest_key_by_domain_key ON digest_key (domain_key) WHERE domain_key IS NOT NULL;
  `,
];
