using CiliumLab.Model;

namespace CiliumLab.Simulator.Detached;

/// <summary>What goes wrong between a client and a lab in a process of its own.</summary>
internal static class DetachedErrors
{
    public const string NotRunningId = "LabNotRunning";
    public const string LostId = "LabHostLost";

    public static LabException NotRunning(string lab) =>
        new(NotRunningId, LabErrorKind.InvalidOperation, $"The simulated lab '{lab}' does not run.", lab, $"Start it with: Start-LabCluster {lab}");

    public static LabException Lost(string lab) =>
        new(
            LostId,
            LabErrorKind.ConnectionError,
            $"The process of the simulated lab '{lab}' ended before it answered.",
            lab,
            $"See whether the lab runs: Get-LabCluster {lab}; start it with: Start-LabCluster {lab}");

    public static LabException NotStarted(string lab, string reason, Exception? inner = null) =>
        new(
            "LabHostNotStarted",
            LabErrorKind.InvalidOperation,
            $"The process for the simulated lab '{lab}' did not start: {reason}",
            lab,
            "Make the lab without -Detached: it lives in this process then.",
            inner);
}
