// A provider for the tests: provider.mjs prints the port that it listens on, and ends when its input ends.
// Accounts have no password: the test says who signs in. POST /test/rotate puts a new signing key before the old ones.
import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { Provider } from 'oidc-provider';

const redirect = 'http://127.0.0.1:1/callback';
let keys = 0;

function signingKey(kind) {
  const options = { rsa: { modulusLength: 2048 }, ec: { namedCurve: 'P-256' }, ed25519: {} }[kind];
  const { privateKey } = generateKeyPairSync(kind, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', kid: `${kind}-${++keys}` };
}

const ring = [signingKey('rsa'), signingKey('ec'), signingKey('ed25519')];

function client(id, alg, more = {}) {
  return {
    client_id: id, redirect_uris: [redirect], response_types: ['code'], grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'none', id_token_signed_response_alg: alg, ...more,
  };
}

function providerFor(issuer) {
  const provider = new Provider(issuer, {
    jwks: { keys: ring },
    clients: [
      client('zhili-rs', 'RS256'),
      client('zhili-es', 'ES256'),
      client('zhili-ed', 'EdDSA'),
      client('zhili-secret', 'RS256', { token_endpoint_auth_method: 'client_secret_basic', client_secret: 'a secret/+:' }),
      client('other', 'RS256'),
    ],
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
    pkce: { required: () => true, methods: ['S256'] },
    conformIdTokenClaims: false,
    claims: { openid: ['sub', 'amr'], profile: ['name', 'preferred_username', 'groups'] },
    ttl: { IdToken: 300, Session: 600, Interaction: 600, Grant: 600, AccessToken: 300 },
    cookies: { keys: ['only a test'] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `姓名 ${id}`, preferred_username: id, groups: ['clerks', 'all'] }),
    }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ accountId: ctx.oidc.session.accountId, clientId: ctx.oidc.client.clientId });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
  });
  return provider;
}

let handler;
const server = createServer(async (request, response) => {
  try {
    if (request.url.startsWith('/interaction/')) {
      const result = { login: { accountId: 'li.si', amr: ['pwd', 'otp'] } };
      await handler.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    } else if (request.url === '/test/rotate') {
      ring.splice(0, ring.length, signingKey('rsa'), signingKey('ec'), signingKey('ed25519'));
      handler = providerFor(`http://127.0.0.1:${server.address().port}`);
      response.end('rotated');
    } else {
      handler.callback()(request, response);
    }
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  handler = providerFor(`http://127.0.0.1:${port}`);
  console.log(port);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
