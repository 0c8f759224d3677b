from django.contrib.auth.decorators import login_required
from django.urls import path, re_path

from notes import views

urlpatterns = [
    path("search", views.search),
    path("titles", views.titles),
    re_path(r"^go/(?P<number>\d+)/(?P<target>.+)$", views.go),
    path("hello", views.Hello.as_view()),
    path("ping/<int:count>", login_required(views.Ping.as_view())),
]
