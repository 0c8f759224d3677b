from django.contrib.auth.decorators import login_required
from django.http import JsonResponse

ORDERS = {}


@login_required
def show(request):
    return JsonResponse({"order": ORDERS.get(request.GET["name"])})


@login_required
def rename(request):
    ORDERS[request.POST["to"]] = ORDERS.pop(request.POST["name"], None)
    return JsonResponse({})


@login_required
def archive(request):
    ORDERS.setdefault("archive", []).append(request.POST["name"])
    return JsonResponse({})


def remove(request):
    ORDERS.pop(request.POST["name"], None)
    return JsonResponse({})
