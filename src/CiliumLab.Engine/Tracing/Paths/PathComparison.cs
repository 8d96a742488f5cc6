using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>Puts two paths side by side.</summary>
public static class PathComparison
{
    /// <summary>A row for each hop, in the order in which packets meet them; the first route of one stands beside the first of the other.</summary>
    public static IEnumerable<PodPathComparison> Rows(PodPath reference, PodPath difference)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(difference);
        var (left, right) = (Keyed(reference), Keyed(difference));
        var (i, j) = (0, 0);
        while (i < left.Count || j < right.Count)
        {
            var takesLeft = i < left.Count && (j >= right.Count || left[i].Key == right[j].Key || !right.Skip(j).Any(one => one.Key == left[i].Key));
            var takesRight = j < right.Count && (i >= left.Count || (takesLeft ? left[i].Key == right[j].Key : true));
            yield return Row(takesLeft ? left[i].Hop : null, takesRight ? right[j].Hop : null);
            i += takesLeft ? 1 : 0;
            j += takesRight ? 1 : 0;
        }
    }

    // A kind that comes twice, as the routes of two nodes do, is told apart by its turn.
    private static List<((PathHopKind Kind, int Turn) Key, PathHop Hop)> Keyed(PodPath path) =>
        [.. path.Hops.Select((hop, index) => ((hop.Kind, path.Hops.Take(index).Count(before => before.Kind == hop.Kind)), hop))];

    private static PodPathComparison Row(PathHop? reference, PathHop? difference) => new()
    {
        Kind = (reference ?? difference)!.Kind,
        ReferenceHop = reference,
        DifferenceHop = difference,
        Difference = reference is null ? PathDifference.OnlyDifference
            : difference is null ? PathDifference.OnlyReference
            : Said(reference) == Said(difference) && reference.Outcome == difference.Outcome ? PathDifference.Same : PathDifference.Changed,
    };

    private static (string Summary, string? Node, string? Packet, string? Reason) Said(PathHop hop) => (hop.Summary, hop.Node, hop.Packet, hop.Reason);
}
