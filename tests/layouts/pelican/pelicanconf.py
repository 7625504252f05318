import os
AUTHOR = 'Ada'
SITENAME = 'A Pelican blog'
SITEURL = ""
PATH = "content"
TIMEZONE = 'Europe/Paris'
DEFAULT_LANG = 'en'
FEED_ALL_ATOM = None
STATIC_PATHS = [
    'images',  # pictures
    'extra/robots.txt',
]
EXTRA_PATH_METADATA = {'extra/robots.txt': {'path': 'robots.txt'}}
ARTICLE_URL = 'posts/{date:%Y}/{date:%b}/{slug}/'
ARTICLE_SAVE_AS = 'posts/{date:%Y}/{date:%b}/{slug}/index.html'
ARTICLE_EXCLUDES = ['unfinished']
DEFAULT_PAGINATION = 10
SECRET = os.environ.get('HOME')
