"""A mail server that keeps what it gets, a file a letter, and refuses some recipients.

grey@… is put off the first time (451), bounce@… is refused for good (550), listed@… as well, but not because of the
mailbox (5.7.1). late@… is taken the first time, and answered as if it was not.
"""

import asyncio
import pathlib
import sys

from aiosmtpd.smtp import SMTP


class Keeper:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.put_off = set()
        self.kept = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("bounce@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("listed@"):
            return "550 5.7.1 your server is on a list"
        if address.startswith("grey@") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.kept += 1
        partial = self.folder / f"{self.kept}.partial"
        partial.write_bytes(envelope.content)
        partial.rename(self.folder / f"{self.kept}.eml")
        late = [it for it in envelope.rcpt_tos if it.startswith("late@") and it not in self.put_off]
        if late:
            self.put_off.update(late)
            return "451 4.3.0 come back later"
        return "250 OK"


async def main(port, folder):
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, enable_SMTPUTF8=True), "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
