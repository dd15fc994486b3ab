// An organisation's OpenID provider with one client, hubnet. Anybody signs in by typing who they are into its form; what
// it says of them stands in a file, read anew each time. Usage: node provider.mjs '{"port":…,"redirect":…,"people":…}'
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const { port, redirect, people } = JSON.parse(process.argv[2]);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: "hubnet", client_secret: "kept by the town hall", redirect_uris: [redirect] }],
  pkce: { required: () => true },
  scopes: ["openid", "email"],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  cookies: { keys: ["for tests"] },
  features: { devInteractions: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...JSON.parse(readFileSync(people, "utf8"))[id] }),
  }),
});

provider.listen(port, "127.0.0.1", () => console.log("ready"));
