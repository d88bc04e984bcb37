/** A key in the place of a client secret: an option of kernia's, and a function of the reference's. */
import { createPrivateKeyJwtClientAssertionGetter } from "@better-auth/core/oauth2";

const getter = ({ key, keyId, algorithm, expiresIn }) =>
  createPrivateKeyJwtClientAssertionGetter({
    ...(key.startsWith("{") ? { privateKeyJwk: JSON.parse(key) } : { privateKeyPem: key }),
    kid: keyId,
    algorithm,
    expiresIn,
  });

/** What the reference is told of a provider whose options have `privateKeyJwt`. Microsoft's takes the function under a name of its own. */
export function withKey({ privateKeyJwt, ...options }, id) {
  if (!privateKeyJwt) return options;
  const getClientAssertion = getter(privateKeyJwt);
  if (id === "microsoft") return { ...options, clientAssertion: getClientAssertion };
  return { ...options, tokenEndpointAuth: { method: "private_key_jwt", getClientAssertion } };
}
