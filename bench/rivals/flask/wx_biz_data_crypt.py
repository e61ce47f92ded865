"""Opens sealed data in the steps of WeChat's sample for Python: AES-128-CBC, unpad, JSON, the watermark's appid."""

import base64
import json

from Cryptodome.Cipher import AES


class WXBizDataCrypt:
    def __init__(self, appid, session_key):
        self.appid = appid
        self.session_key = session_key

    def decrypt(self, encrypted_data, iv):
        key = base64.b64decode(self.session_key)
        cipher = AES.new(key, AES.MODE_CBC, base64.b64decode(iv))
        padded = cipher.decrypt(base64.b64decode(encrypted_data))
        decrypted = json.loads(padded[: -padded[-1]])
        if decrypted["watermark"]["appid"] != self.appid:
            raise Exception("Invalid Buffer")
        return decrypted
