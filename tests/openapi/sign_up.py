"""Signs somebody up and writes their cookies: sign_up.py URL."""

import json
import sys
import urllib.request

person = {"name": "Ada", "email": "ada@example.com", "password": "correct horse battery"}
request = urllib.request.Request(
    f"{sys.argv[1]}/sign-up/email", json.dumps(person).encode(), {"content-type": "application/json"}
)
answer = urllib.request.urlopen(request)
print("; ".join(line.split(";")[0] for line in answer.headers.get_all("set-cookie")))
