LISTEN nuanfeng
