/**
 * Ed25519 by WebCrypto where the browser has it (Chrome 137 and later), else by the audited `@noble/ed25519`.
 */
import * as noble from '@noble/ed25519';

/** @type {Promise<boolean>|undefined} */
let supported;

/** @returns {Promise<boolean>} whether WebCrypto knows Ed25519 here */
export function nativeEd25519() {
  supported ??= crypto.subtle
    .generateKey('Ed25519', false, ['sign', 'verify'])
    .then(() => true, () => false);
  return supported;
}

/**
 * @param {Uint8Array} publicKey 32 bytes
 * @param {Uint8Array} message
 * @param {Uint8Array} signature 64 bytes
 * @returns {Promise<boolean>} false for anything that is not a good signature; never throws for bad input
 */
export async function verify(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    if (await nativeEd25519()) {
      const key = await crypto.subtle.importKey('raw', /** @type {BufferSource} */ (publicKey), 'Ed25519', false, ['verify']);
      return await crypto.subtle.verify(
        'Ed25519', key, /** @type {BufferSource} */ (signature), /** @type {BufferSource} */ (message),
      );
    }
    return await noble.verifyAsync(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/**
 * A signing key as it is kept in IndexedDB: a non-extractable CryptoKey, or (old browsers) 32 secret bytes.
 * @typedef {{publicKey: Uint8Array, privateKey: CryptoKey|Uint8Array}} SigningKey
 */

/** @returns {Promise<SigningKey>} */
export async function generateKey() {
  if (await nativeEd25519()) {
    const pair = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']));
    return { publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)), privateKey: pair.privateKey };
  }
  const secret = noble.utils.randomSecretKey();
  return { publicKey: await noble.getPublicKeyAsync(secret), privateKey: secret };
}

/**
 * @param {SigningKey} key
 * @param {Uint8Array} message
 * @returns {Promise<Uint8Array>} 64 bytes
 */
export async function sign(key, message) {
  if (key.privateKey instanceof Uint8Array) return noble.signAsync(message, key.privateKey);
  return new Uint8Array(await crypto.subtle.sign('Ed25519', key.privateKey, /** @type {BufferSource} */ (message)));
}
