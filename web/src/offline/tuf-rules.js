/**
 * The rules of TUF 1.0 without any I/O: which metadata may replace which. Step numbers are those of the
 * specification's client workflow (§5.3 root, §5.4 timestamp, §5.5 snapshot, §5.6 targets).
 */
import { canonicalBytes } from './canonical.js';
import { fromHex, fromUtf8, sha256, utf8 } from './bytes.js';
import { TrustError } from './errors.js';
import { verify } from './ed25519.js';

/** Most bytes that each role may have; the shell reads no more than this. */
export const LIMITS = { root: 512_000, timestamp: 16_384, snapshot: 2_000_000, targets: 5_000_000 };
/** Rotations of the root that one refresh follows. */
export const MAX_ROOT_ROTATIONS = 256;
/** Delegated roles visited in one search. */
export const MAX_DELEGATIONS = 32;
const SPEC_MAJOR = '1';

/**
 * @typedef {{keytype: string, scheme: string, keyval: {public: string}}} Key
 * @typedef {{keyids: string[], threshold: number}} Role
 * @typedef {{version: number, length?: number, hashes?: Record<string, string>}} MetaFile
 * @typedef {{length: number, hashes: Record<string, string>, custom?: Record<string, unknown>}} TargetFile
 * @typedef {Role & {name: string, terminating: boolean, paths?: string[], path_hash_prefixes?: string[]}} DelegatedRole
 * @typedef {{keys: Record<string, Key>, roles: DelegatedRole[]}} Delegations
 * @typedef {{_type: string, version: number, expires: string, keys: Record<string, Key>, roles: Record<string, Role>,
 *   consistent_snapshot?: boolean, meta: Record<string, MetaFile>, targets: Record<string, TargetFile>,
 *   delegations?: Delegations}} Signed
 * @typedef {{signed: Signed, signatures: {keyid: string, sig: string}[]}} Envelope
 */

/**
 * @param {Uint8Array} bytes
 * @param {string} type expected `_type`
 * @returns {Envelope}
 * @throws {TrustError} `format` when the bytes are not such metadata
 */
export function parse(bytes, type) {
  let envelope;
  try {
    envelope = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new TrustError('format', `${type} is not JSON`);
  }
  const signed = envelope?.signed;
  if (!signed || signed._type !== type || !Array.isArray(envelope.signatures)) {
    throw new TrustError('format', `not ${type} metadata`);
  }
  if (String(signed.spec_version).split('.')[0] !== SPEC_MAJOR) throw new TrustError('format', `spec ${signed.spec_version}`);
  if (!Number.isSafeInteger(signed.version) || signed.version < 1) throw new TrustError('format', `${type} version`);
  if (Number.isNaN(expiry(signed))) throw new TrustError('format', `${type} expiry`);
  return envelope;
}

/**
 * @param {{expires: string}} signed
 * @returns {number} milliseconds since 1970; NaN when unreadable
 */
const expiry = (signed) =>
  (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(signed.expires) ? Date.parse(signed.expires) : NaN);

/**
 * @param {{expires: string, _type: string}} signed
 * @param {number} now milliseconds
 * @throws {TrustError} `expired`
 */
function checkExpiry(signed, now) {
  if (expiry(signed) <= now) throw new TrustError('expired', `${signed._type} ended ${signed.expires}`);
}

/**
 * @param {Envelope} envelope
 * @param {Record<string, Key>} keys
 * @param {Role|undefined} role
 * @throws {TrustError} `unsigned` when fewer distinct keys than the threshold signed these bytes
 */
export async function checkSignatures(envelope, keys, role) {
  if (!role || !Number.isSafeInteger(role.threshold) || role.threshold < 1) throw new TrustError('format', 'no such role');
  const message = canonicalBytes(envelope.signed);
  const wanted = new Set(role.keyids);
  const good = new Set();
  for (const { keyid, sig } of envelope.signatures) {
    const key = Object.hasOwn(keys, keyid) ? keys[keyid] : undefined;
    if (!key || !wanted.has(keyid) || good.has(key.keyval?.public)) continue;
    if (key.keytype !== 'ed25519' || key.scheme !== 'ed25519') continue;
    if (await goodSignature(key.keyval.public, message, sig)) good.add(key.keyval.public);
  }
  if (good.size < role.threshold) {
    throw new TrustError('unsigned', `${envelope.signed._type}: ${good.size} of ${role.threshold} signatures`);
  }
}

/**
 * @param {string} publicHex
 * @param {Uint8Array} message
 * @param {string} signatureHex
 */
async function goodSignature(publicHex, message, signatureHex) {
  try {
    return await verify(fromHex(publicHex), message, fromHex(signatureHex));
  } catch {
    return false;
  }
}

/**
 * @param {Uint8Array} bytes
 * @param {{length?: number, hashes?: Record<string, string>}} wanted
 * @throws {TrustError} `length` or `hash`
 */
export async function checkBytes(bytes, wanted) {
  if (wanted.length !== undefined && bytes.length !== wanted.length) {
    throw new TrustError('length', `${bytes.length} bytes instead of ${wanted.length}`);
  }
  if (wanted.hashes === undefined) return;
  // Another algorithm than SHA-256 would be unverifiable here, so its absence is a refusal.
  if (wanted.hashes.sha256 !== (await sha256(bytes))) throw new TrustError('hash', 'sha256 differs');
}

/**
 * §5.3 steps 3–5: the next root of the chain.
 * @param {Signed|null} trusted the root trusted so far, null for the one the page was delivered with
 * @param {Uint8Array} bytes
 * @returns {Promise<Signed>}
 */
export async function acceptRoot(trusted, bytes) {
  const envelope = parse(bytes, 'root');
  if (trusted) {
    await checkSignatures(envelope, trusted.keys, trusted.roles.root);
    if (envelope.signed.version !== trusted.version + 1) {
      throw new TrustError('version', `root ${envelope.signed.version} after ${trusted.version}`);
    }
  }
  await checkSignatures(envelope, envelope.signed.keys, envelope.signed.roles?.root);
  return envelope.signed;
}

/**
 * §5.4: a timestamp. An equal version keeps the trusted one.
 * @param {Signed} root
 * @param {Signed|null} trusted
 * @param {Uint8Array} bytes
 * @param {number} now
 * @returns {Promise<Signed>}
 */
export async function acceptTimestamp(root, trusted, bytes, now) {
  checkExpiry(root, now);
  const envelope = parse(bytes, 'timestamp');
  await checkSignatures(envelope, root.keys, root.roles.timestamp);
  const fresh = envelope.signed;
  const snapshot = fresh.meta?.['snapshot.json'];
  if (!snapshot) throw new TrustError('format', 'timestamp without snapshot');
  if (trusted) {
    if (fresh.version < trusted.version) throw new TrustError('rollback', `timestamp ${fresh.version} < ${trusted.version}`);
    if (snapshot.version < trusted.meta['snapshot.json'].version) throw new TrustError('rollback', 'snapshot in timestamp');
    if (fresh.version === trusted.version) {
      checkExpiry(trusted, now);
      return trusted;
    }
  }
  checkExpiry(fresh, now);
  return fresh;
}

/**
 * §5.5: the snapshot that the timestamp names.
 * @param {Signed} root
 * @param {Signed} timestamp
 * @param {Signed|null} trusted
 * @param {Uint8Array} bytes
 * @param {number} now
 * @returns {Promise<Signed>}
 */
export async function acceptSnapshot(root, timestamp, trusted, bytes, now) {
  checkExpiry(timestamp, now);
  const wanted = timestamp.meta['snapshot.json'];
  await checkBytes(bytes, wanted);
  const envelope = parse(bytes, 'snapshot');
  await checkSignatures(envelope, root.keys, root.roles.snapshot);
  const fresh = envelope.signed;
  if (fresh.version !== wanted.version) throw new TrustError('version', `snapshot ${fresh.version}, not ${wanted.version}`);
  for (const [name, before] of Object.entries(trusted?.meta ?? {})) {
    const after = fresh.meta[name];
    if (!after || after.version < before.version) throw new TrustError('rollback', `${name} in snapshot`);
  }
  checkExpiry(fresh, now);
  return fresh;
}

/**
 * §5.6: top-level targets, or a delegated role.
 * @param {Signed} snapshot
 * @param {string} name role name
 * @param {{keys: Record<string, Key>, role: Role|undefined}} delegator
 * @param {Uint8Array} bytes
 * @param {number} now
 * @returns {Promise<Signed>}
 */
export async function acceptTargets(snapshot, name, delegator, bytes, now) {
  checkExpiry(snapshot, now);
  const wanted = Object.hasOwn(snapshot.meta, `${name}.json`) ? snapshot.meta[`${name}.json`] : undefined;
  if (!wanted) throw new TrustError('missing', `snapshot knows no ${name}`);
  await checkBytes(bytes, wanted);
  const envelope = parse(bytes, 'targets');
  await checkSignatures(envelope, delegator.keys, delegator.role);
  if (envelope.signed.version !== wanted.version) throw new TrustError('version', `${name} ${envelope.signed.version}`);
  checkExpiry(envelope.signed, now);
  return envelope.signed;
}

/**
 * §5.6.7: the roles to search next, in order, and whether the search ends with them.
 * @param {Signed} targets
 * @param {string} path
 * @returns {Promise<{roles: DelegatedRole[], terminating: boolean}>}
 */
export async function delegationsFor(targets, path) {
  const roles = [];
  for (const role of targets.delegations?.roles ?? []) {
    if (!(await covers(role, path))) continue;
    roles.push(role);
    if (role.terminating) return { roles, terminating: true };
  }
  return { roles, terminating: false };
}

/**
 * @param {DelegatedRole} role
 * @param {string} path
 */
async function covers(role, path) {
  if (role.path_hash_prefixes) {
    const hash = await sha256(utf8(path));
    return role.path_hash_prefixes.some((prefix) => hash.startsWith(prefix));
  }
  return (role.paths ?? []).some((pattern) => matches(pattern, path));
}

/**
 * Shell pattern over path parts: `*` and `?` never cross a slash.
 * @param {string} pattern
 * @param {string} path
 * @returns {boolean}
 */
export function matches(pattern, path) {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '[^/]*')
    .replace(/\?/g, '[^/]')
    .replace(/\[!/g, '[^');
  try {
    return new RegExp(`^${source}$`, 'u').test(path);
  } catch {
    return false;
  }
}
