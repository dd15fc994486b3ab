// Audits a server against the GraphQL over HTTP specification; prints one JSON line an audit.
// Usage: node audit.mjs http://127.0.0.1:8080/graphql
import { serverAudits } from 'graphql-http';

const audits = serverAudits({ url: process.argv[2], fetchFn: fetch });
for (const audit of audits) {
  const { status, reason } = await audit.fn();
  console.log(JSON.stringify({ status, id: audit.id, name: audit.name, reason: String(reason ?? '') }));
}
