"""Waits until a server answers: wait.py URL PROCESS. Fails when the process is gone before."""

import os
import sys
import time
import urllib.error
import urllib.request

url, process = sys.argv[1], int(sys.argv[2])
while True:
    try:
        urllib.request.urlopen(url, timeout=5)
        break
    except (urllib.error.URLError, ConnectionError):
        os.kill(process, 0)
        time.sleep(0.05)
