"""Amazon's S3 and CloudFront on a free port of this machine, in memory, until standard input ends.

The tests hold the other end of standard input: however they end, this ends with them.
"""

import os
import sys
import threading


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()

from moto.server import main  # noqa: E402, the thread comes first: the import takes seconds

main(["-H", "127.0.0.1", "-p", "0"])
