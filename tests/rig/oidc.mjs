// oidc.mjs - the provider of oidc.sh.
import { generateKeyPairSync } from 'node:crypto';

const { Provider } = await import(process.env.PROVIDER);
const port = +process.env.PORT;

const key = (kid, type, options) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), kid, use: 'sig',
});

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'cinema',
    client_secret: 'cinema-client-secret',
    grant_types: ['authorization_code', 'client_credentials'],
    response_types: ['code'],
    redirect_uris: process.env.REDIRECT.split(' '),
  }],
  jwks: {
    keys: [key('rsa', 'rsa', { modulusLength: 2048 }), key('ec', 'ec', { namedCurve: 'P-256' }),
      key('ed', 'ed25519')],
  },
  cookies: { keys: ['rig'] },
  pkce: { required: () => true },
  scopes: ['openid', 'email', 'profile'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  conformIdTokenClaims: false, // the id_token itself has them, as Google's
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, resource) => ({
        scope: 'films',
        audience: 'films',
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: resource.split(':')[2] } },
      }),
    },
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@example.test`,
      email_verified: id !== 'unverified',
      name: id[0].toUpperCase() + id.slice(1),
    }),
  }),
});

// Nobody is asked anything.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
  const who = params.login_hint || 'alice';
  const finish = (result, options) =>
    provider.interactionFinished(ctx.req, ctx.res, result, options);
  if (who === 'deny') {
    return finish({ error: 'access_denied', error_description: 'the user said no' });
  }
  if (prompt.name === 'login') return finish({ login: { accountId: who } });
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return finish({ consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
});

provider.listen(port, '127.0.0.1', () => console.log('up'));
