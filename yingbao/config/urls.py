"""Where every door's pages are mounted."""

from django.urls import URLPattern, URLResolver, include, path

from yingbao.api.policies import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("", include("yingbao.web.urls")),
]
