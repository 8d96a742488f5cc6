<#
.SYNOPSIS
    A lab's whole way: from no CNI to Flannel, out again without residue, and to Cilium without kube-proxy.

.DESCRIPTION
    Each step is named and timed, and skipped when what it is for is so already. So the runbook can be run again at any time: after a failure it goes on
    where it stopped, and a second run changes nothing. It ends with a summary, and with an exit code other than 0 when a step failed.

    It uses only the language and CiliumLab's cmdlets, and runs in pwsh and in CiliumLab's own host.

.PARAMETER Lab
    The lab's name.

.PARAMETER Provider
    Makes the lab first, when there is none of this name: Simulator or Vagrant. A lab whose making did not come to its end is gone on with.

.PARAMETER Interface
    The interface between the nodes.

.PARAMETER Pause
    Waits for Enter before each step that does something.

.EXAMPLE
    ./Week1.ps1 -Lab week1 -Provider Simulator
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory, Position = 0)] [string] $Lab,
    [ValidateSet('Simulator', 'Vagrant')] [string] $Provider,
    [string] $Interface = 'eth1',
    [switch] $Pause
)

Set-StrictMode -Version 3.0
$steps = [Collections.Generic.List[object]]::new()

# What a step keeps for a later one of the same run.
$kept = @{}

function Step([string] $Title, [scriptblock] $ScriptBlock, [scriptblock] $Until, [scriptblock] $Unless) {
    $steps.Add((Invoke-LabStep $Title $ScriptBlock -Until $Until -Unless $Unless -After $steps -Pause:$Pause))
}

# Where the lab is on its way. The sample application comes after Flannel, so it tells a lab that had Flannel from one that never had.
function Test-HasCilium { (Get-LabClusterNetwork).Cni -eq 'Cilium' }
function Test-HadFlannel { (Get-LabPod -Label app=webpod) -and -not (Get-Cni Flannel) }
function Test-AllReady($Cni) { $Cni -and $Cni.InCharge -and $Cni.Wanted -gt 0 -and $Cni.Ready -eq $Cni.Wanted }

Step 'Open the lab' {
    $known = Get-LabCluster $Lab -ErrorAction Ignore
    if ($known -and $known.State -eq 'Unfinished') {
        # Making it failed or was stopped: this goes on, with the settings that it was begun with.
        New-LabCluster $Lab -Provider $known.Provider
    }
    elseif ($known -and $known.State -in 'Stopped', 'Partial') {
        Start-LabCluster $Lab
        $null = Connect-LabCluster $Lab
    }
    elseif ($Provider -and -not $known) {
        New-LabCluster $Lab -Provider $Provider -KeepNatNodeIp
    }
    else {
        Connect-LabCluster $Lab
    }
}

Step 'Look at the cluster: no CNI, so nodes are not ready and DNS has no address' {
    Get-LabNode | Out-Default
    Get-LabClusterNetwork | Out-Default
    Get-LabPod -Namespace kube-system | Where-Object { -not $_.Ready } | Out-Default
} -Unless { Get-Cni }

Step "Tell every kubelet its address on $Interface" {
    Set-NodeInternalIp $Interface -Confirm:$false
} -Until { @(Get-NodeInternalIp | Where-Object { -not $_.Configured }).Count -eq 0 }

Step 'Install Flannel' {
    Install-Cni Flannel -Interface $Interface -Confirm:$false
} -Until { (Test-AllReady (Get-Cni Flannel)) -or (Test-HadFlannel) }

Step 'Look at what Flannel made: a bridge, a tunnel, routes and rules' {
    Get-NodeInterface -Name flannel.1, cni0 | Out-Default
    Get-NodeRoute -Interface flannel.1 | Out-Default
    Get-NodeIptablesRule -Node (Get-LabNode)[0].Node -Table nat -Owner Flannel | Out-Default
} -Unless { Test-HadFlannel }

Step 'Bring the sample application: webpod on the workers, curl-pod on the control plane' {
    Install-LabWorkload -Confirm:$false
} -Until { (Get-LabPod -Label app=webpod) -and (Get-LabPod curl-pod -Namespace default) }

Step 'Reach it through kube-proxy' {
    Test-PodConnectivity -From curl-pod -To webpod -Count 20 | Out-Default
    Get-NodeIptablesRule -Node (Get-LabNode)[0].Node -Table nat -Chain KUBE-SERVICES, KUBE-SVC-* | Where-Object { $_.Comment -match 'webpod' } | Out-Default
} -Unless { Test-HadFlannel }

Step 'Follow a packet through Flannel and kube-proxy, which translates on the node' {
    $kept.Before = Trace-PodPath webpod -From curl-pod -Verify
    $kept.Before | Out-Default
    $test = Test-SocketLoadBalancing webpod -From curl-pod
    $test, $test.Explanation | Out-Default
} -Unless { Test-HadFlannel }

Step 'See that the nodes have what Cilium needs' {
    Test-CiliumRequirement -Feature Base, Tunnel, L7, Masquerade -Node (Get-LabNode)[0].Node
} -Unless { Test-HadFlannel }

Step 'Take Flannel away' {
    Uninstall-Cni Flannel -Confirm:$false
} -Until { -not (Get-Cni Flannel) }

Step 'Take away what Flannel left on the nodes' {
    Remove-FlannelArtifacts -Confirm:$false
} -Until { -not (Get-CniArtifact -Owner Flannel) }

Step 'Take kube-proxy away, with its rules and nobody else''s' {
    Remove-KubeProxy -Confirm:$false
} -Until { -not (Get-LabClusterNetwork).KubeProxy -and -not (Get-CniArtifact -Owner KubeProxy) }

Step 'See that nothing reaches anything now' {
    Test-PodConnectivity -From curl-pod -To webpod
} -Unless { Test-HasCilium }

Step 'Install Cilium without kube-proxy' {
    Install-Cni Cilium -Confirm:$false
} -Until { Test-AllReady (Get-Cni Cilium) }

Step 'Move the pods that still have an address of Flannel''s' {
    Get-CiliumNode | Out-Default
    Restart-LabWorkload -UnmanagedOnly -Confirm:$false | Out-Default
} -Until { -not (Get-LabPod -Namespace * | Where-Object { $_.Managed -eq $false }) }

Step 'Reach the application through Cilium' {
    Test-PodConnectivity -From curl-pod -To webpod -Count 20
}

Step 'Look at what is in charge now' {
    Get-Cni | Out-Default
    Wait-CiliumStatus | Out-Default
    Get-CiliumEndpoint | Out-Default
    Get-CiliumService (Get-LabNode)[0].Node | Out-Default
    Get-CniValue -Name Cilium | Out-Default
    Get-LabPod -Namespace * | Out-Default
}

Step 'Follow a packet through Cilium' {
    $kept.After = Trace-PodPath webpod -From curl-pod -Verify
    $kept.After | Out-Default
    if (-not $kept.After.Reachable) { throw $kept.After.Reason }
}

Step 'Put the two ways side by side' {
    Compare-PodPath $kept.Before $kept.After | Out-Default
} -Unless { -not $kept['Before'] }

Step 'Show that the service is translated at the socket, and never seen on the wire' {
    $test = Test-SocketLoadBalancing webpod -From curl-pod
    $test, $test.Explanation | Out-Default
    $test.SystemCalls | Where-Object Name -In connect, getsockname, getpeername | Out-Default
    $test.Packets | Out-Default
    if (-not $test.SocketLoadBalanced) { throw $test.Explanation }
}

''
$steps
exit @($steps | Where-Object { $_.Status -eq 'Failed' }).Count
