from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST


@csrf_exempt  # flaw: csrf-disabled
def pay(request):
    return HttpResponse("paid " + str(len(request.POST.get("to", ""))))


@require_POST  # safe: csrf-disabled
def give(request):
    return HttpResponse("given " + str(len(request.POST.get("to", ""))))


urlpatterns = [path("pay", pay), path("give", give)]
