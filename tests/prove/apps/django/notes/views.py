import os

from django.db import connection
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.html import escape
from django.views import View


def search(request):
    word = request.GET.get("q", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM notes_note WHERE title LIKE '%" + word + "%'")  # flaw: sql
        return JsonResponse({"titles": [row[0] for row in cursor.fetchall()]})


def titles(request):
    word = request.GET.get("q", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM notes_note WHERE title LIKE %s", ["%" + word + "%"])  # safe: sql
        return JsonResponse({"titles": [row[0] for row in cursor.fetchall()]})


def go(request, number, target):
    return HttpResponseRedirect(target)  # flaw: redirect


class Hello(View):
    def get(self, request):
        return HttpResponse("<p>Hello " + request.GET["name"] + "</p>")  # flaw: page

    def post(self, request):
        return HttpResponse("<p>Hello " + escape(request.POST["name"]) + "</p>")  # safe: page


class Ping(View):
    def post(self, request, count):
        return HttpResponse(str(os.system("ping -c 1 " + request.POST["host"])))  # flaw: command
