DJANGO_SETTINGS_MODULE=shop.settings.production
DJANGO_SECRET_KEY='k$y with dollars'
DATABASE_URL=postgres://shop:pg_pass@db/shop
CELERY_BROKER_URL=redis://redis:6379/0
export ALLOWED_HOSTS=shop.example.com
