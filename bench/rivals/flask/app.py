"""The server of the 2017 tutorial (code to session_key, a random key into the cache, decrypt with what the cache has),
on today's Python. Two things are mended so that it can be measured at all: the cache takes more than 500 entries and
keeps them for more than five minutes, and WeChat's address is a setting."""

import binascii
import json
import os

import requests
from cachelib import SimpleCache
from flask import Flask, request

from wx_biz_data_crypt import WXBizDataCrypt

app = Flask(__name__)
cache = SimpleCache(threshold=1_000_000, default_timeout=259_200)
appid = os.environ["WECHAT_APPID"]
secret = os.environ["WECHAT_SECRET"]
wechat = os.environ["WECHAT_API"]


@app.route("/user/getuserinfo", methods=["GET", "POST"])
def getuserinfo():
    code = request.data.decode()
    url = wechat + "/sns/jscode2session?appid=%s&secret=%s&js_code=%s&grant_type=authorization_code" % (
        appid,
        secret,
        code,
    )
    r = requests.get(url)
    j = json.loads(r.text)
    r3session_key = binascii.hexlify(os.urandom(64)).decode()
    cache.set(r3session_key, j["session_key"])
    return r3session_key


@app.route("/user/getuserunionid", methods=["GET", "POST"])
def getuserid():
    r = json.loads(request.data)
    encryptedData = r["encryptedData"]
    iv = r["iv"]
    xcx_session_key = r["r3session"]
    session_key = cache.get(xcx_session_key)
    pc = WXBizDataCrypt(appid, session_key)
    return pc.decrypt(encryptedData, iv)
