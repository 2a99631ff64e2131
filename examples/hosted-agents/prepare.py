"""Makes what the agents need and no repository holds: a virtual environment, and a wheel for pip to find without a network."""

import venv
import zipfile
from pathlib import Path

MODULE = """def translate(text):
    return text.replace("text", "Text").replace("number", "Nummer")
"""
INFO = "agents_glossary-1.0.dist-info"
FILES = {
    "glossary.py": MODULE,
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: agents-glossary\nVersion: 1.0\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: prepare\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
}

folder = Path(__file__).parent
with zipfile.ZipFile(folder / "packages/agents_glossary-1.0-py3-none-any.whl", "w") as wheel:
    for name, text in FILES.items():
        wheel.writestr(name, text)
    wheel.writestr(f"{INFO}/RECORD", "".join(f"{name},,\n" for name in [*FILES, f"{INFO}/RECORD"]))
venv.create(folder / "venv", with_pip=True)
print("ready")
