namespace CiliumLab.Tests.Integration;

/// <summary>Tests that share the nodes run one after another: some of them break a node for a while.</summary>
[CollectionDefinition(Name)]
public sealed class NodeLabCollectionDefinition : ICollectionFixture<NodeLab>
{
    public const string Name = "three real nodes";
}

/// <summary>Base of every test class that needs real nodes. Without nodes each test is skipped, and says why.</summary>
[Collection(NodeLabCollectionDefinition.Name)]
public abstract class NodeLabTests
{
    protected NodeLabTests(NodeLab lab)
    {
        ArgumentNullException.ThrowIfNull(lab);
        Assert.SkipWhen(lab.Unavailable is not null, lab.Unavailable ?? "");
        Lab = lab;
    }

    protected NodeLab Lab { get; }

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;
}
