"""Translates the newest text every half second into data/out. What goes wrong is logged, and tried again."""

import importlib
import time
import traceback
from pathlib import Path


def translate() -> None:
    importlib.invalidate_caches()
    import glossary

    text = Path("data/text").read_text()
    Path("data/out/translation").write_text(glossary.translate(text))
    print("translated", flush=True)


while True:
    try:
        translate()
    except Exception:
        traceback.print_exc()
    time.sleep(0.5)
