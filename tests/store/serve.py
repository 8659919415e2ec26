"""Amazon's S3 and CloudFront on a free port of this machine, in memory, until standard input ends.

With the argument `google` it is Google's Cloud Storage, as far as its XML API is that of S3 with other names of headers.

The tests hold the other end of standard input: however they end, this ends with them.
"""

import os
import sys
import threading


def end_with_input():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()

from moto import server  # noqa: E402, the thread comes first: the import takes seconds

# moto looks here for the service that is meant.
S3 = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, "
    "SignedHeaders=host, Signature=0"
)


class Google:
    """S3, to whoever speaks of x-goog-meta-… and comes with a token of OAuth."""

    def __init__(self, s3):
        self.s3 = s3

    def __call__(self, environ, start_response):
        environ["HTTP_AUTHORIZATION"] = S3
        for name in [name for name in environ if name.startswith("HTTP_X_GOOG_META_")]:
            environ[name.replace("GOOG", "AMZ")] = environ.pop(name)

        def start(status, headers, *rest):
            own = [(name.lower().replace("x-amz-meta-", "x-goog-meta-"), value) for name, value in headers]
            return start_response(status, own, *rest)

        return self.s3(environ, start)


if "google" in sys.argv[1:]:
    run = server.run_simple
    server.run_simple = lambda host, port, app, **how: run(host, port, Google(app), **how)

server.main(["-H", "127.0.0.1", "-p", "0"])
