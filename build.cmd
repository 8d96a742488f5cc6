@echo off
rem Runs build.ps1 in pwsh 7.6 or later, or, where there is none, in the small host of tools\CiliumLab.Host.
setlocal
set "root=%~dp0"

where pwsh >nul 2>nul
if errorlevel 1 goto host
pwsh -NoProfile -NonInteractive -Command "exit [int]($PSVersionTable.PSVersion.Major * 100 + $PSVersionTable.PSVersion.Minor -lt 706)"
if errorlevel 1 goto host
pwsh -NoProfile -File "%root%build.ps1" %*
exit /b %errorlevel%

:host
rem Out of the way of the build, which would replace a running program's files.
dotnet build "%root%tools\CiliumLab.Host" -c Release -o "%root%out\host" -nologo -v quiet
if errorlevel 1 exit /b 1
dotnet exec "%root%out\host\CiliumLab.Host.dll" -NoModule -File "%root%build.ps1" %*
exit /b %errorlevel%
