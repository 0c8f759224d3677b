from django.urls import path
import views
urlpatterns = [path("show", views.show), path("rename", views.rename), path("archive", views.archive), path("remove", views.remove)]
